import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "@playwright/test";

// Where the package's consumers are installed. Processes of this run inherit it; nothing is there unless they run.
process.env.CARDSEAL_PACK ??= join(tmpdir(), `cardseal-pack-${process.pid}`);

const chromium = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

export default defineConfig({
  forbidOnly: true,
  fullyParallel: true,
  workers: 2,
  // A loaded machine can make a browser miss a beat; a test that needs its second try is reported as flaky.
  retries: process.env.CI ? 1 : 0,
  reporter: "list",
  timeout: 60_000,
  projects: [
    { name: "js", testDir: "tests/js" },
    { name: "e2e", testDir: "tests/e2e", use: { launchOptions: chromium } },
    { name: "pack-install", testMatch: "tests/pack/install.setup.ts", teardown: "pack-remove" },
    { name: "pack-remove", testMatch: "tests/pack/remove.teardown.ts" },
    {
      name: "pack",
      testDir: "tests/pack",
      dependencies: ["pack-install"],
      use: { launchOptions: chromium },
    },
  ],
});
