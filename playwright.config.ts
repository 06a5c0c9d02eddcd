import { defineConfig } from "@playwright/test";

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
    {
      name: "e2e",
      testDir: "tests/e2e",
      use: {
        launchOptions: {
          executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
          args: [
            "--no-sandbox",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
          ],
        },
      },
    },
  ],
});
