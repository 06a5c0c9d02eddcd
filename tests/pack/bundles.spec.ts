// What bundlers keep of the package: nothing of what is only imported, all that has effects, and of the fields no more than
// their budget.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import { PLACE, run } from "./place.ts";

const BUNDLERS: Readonly<Record<string, readonly string[]>> = {
  esbuild: [
    join(process.cwd(), "node_modules/.bin/esbuild"),
    "in.js",
    "--bundle",
    "--minify",
    "--format=esm",
    "--outfile=out/main.js",
  ],
  rolldown: ["npx", "rolldown", "in.js", "--minify", "--file", "out/main.js"],
  webpack: ["npx", "webpack", "--mode", "production", "--entry", "./in.js"],
};

/** A module, bundled for production. */
async function bundle(bundler: string, name: string, text: string): Promise<string> {
  const folder = `bundles/${bundler}-${name}`;
  await mkdir(join(PLACE, folder), { recursive: true });
  await writeFile(join(PLACE, folder, "in.js"), text);
  await run(folder, BUNDLERS[bundler] ?? []);
  return readFile(join(PLACE, folder, bundler === "webpack" ? "dist/main.js" : "out/main.js"), "utf8");
}

for (const bundler of Object.keys(BUNDLERS)) {
  test(`${bundler} drops what is imported for nothing`, async () => {
    const names = ["cardseal", "cardseal/react", "cardseal/direct"];
    const left = await bundle(bundler, "nothing", names.map((name) => `import "${name}";`).join("\n"));
    expect(left.trim().length, left.slice(0, 300)).toBeLessThan(20);
  });

  test(`${bundler} keeps the elements, which are imported for their effect`, async () => {
    const kept = await bundle(bundler, "elements", 'import "cardseal/elements";');
    expect(kept).toContain("card-postal-code");
    expect(kept).toContain("customElements.define");
  });

  test(`${bundler} makes no more of createFields() than its budget`, async () => {
    const budget = await readFile("xtask/src/budget.rs", "utf8");
    const [, most = ""] = /\("index\.js", ([\d_]+)\)/.exec(budget) ?? [];
    const text = 'import { createFields } from "cardseal";\nwindow.fields = createFields(window.options);';
    const size = brotliCompressSync(await bundle(bundler, "fields", text)).length;
    expect(size).toBeGreaterThan(1000);
    // A bundler writes anew what was minified further than some of them can: a twentieth more at most.
    expect(size).toBeLessThanOrEqual(Number(most.replace("_", "")) * 1.05);
  });
}
