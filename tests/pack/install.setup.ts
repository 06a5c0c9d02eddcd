// Packs the package once and installs every consumer from that tarball.

import { execFileSync } from "node:child_process";
import { cp, rename, rm } from "node:fs/promises";
import { test } from "@playwright/test";
import { PLACE, run, TARBALL } from "./place.ts";

test("the package is packed, and its consumers are installed from the tarball", async () => {
  // The registry decides.
  test.setTimeout(300_000);
  await rm(PLACE, { recursive: true, force: true });
  await cp("tests/pack", PLACE, { recursive: true });
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--pack-destination", PLACE], {
      encoding: "utf8",
      stdio: "pipe",
    }),
  );
  await rename(`${PLACE}/${filename}`, TARBALL);
  // A package's own script might fetch a browser's driver.
  await run(".", ["npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"]);
});
