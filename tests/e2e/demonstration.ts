// The demo as `cargo xtask demo` starts it, once for each worker.

import { test } from "@playwright/test";
import { Folder, Program } from "./sandbox.ts";

export interface Demo {
  shop: string;
  vault: string;
  program: Program;
  data: Folder;
}

/** Playwright's `test` with the fixture `demo`. */
export const demos = test.extend<object, { demo: Demo }>({
  demo: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from the pattern.
    async ({}, use) => {
      const data = new Folder();
      const program = new Program("xtask", [
        "demo",
        "--no-build",
        "--shop-port",
        "0",
        "--vault-port",
        "0",
        "--data",
        data.path,
      ]);
      const { shop = "", vault = "" } = await program.ready();
      await use({ shop, vault, program, data });
      await program.stop();
      data.remove();
    },
    { scope: "worker" },
  ],
});
