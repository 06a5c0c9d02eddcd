/** What was built can be verified: every address leads to the bytes that its integrity promises, under a name of their own. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import { build } from "esbuild";

const read = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const sri: Record<string, string> = read("dist/sri.json");
const assets = readdirSync("dist/frames").filter((name) => name !== "manifest.json" && !name.endsWith(".br"));

const integrity = (bytes: Buffer) => `sha384-${createHash("sha384").update(bytes).digest("base64")}`;
const fileOf = (address: string) => address.replace("/assets/", "dist/frames/");

test("every asset of the frames and every script of the page has its integrity", () => {
  for (const [address, promised] of Object.entries(sri)) {
    expect(integrity(readFileSync(fileOf(address))), address).toBe(promised);
  }
  for (const name of assets) expect(Object.keys(sri)).toContain(`/assets/${name}`);
  const { exports } = read("package.json");
  for (const entry of [".", "./script", "./elements", "./react", "./direct"])
    expect(Object.keys(sri)).toContain(exports[entry].default.slice(2));
});

test("the inventory has every script, with a purpose and the integrity of the release", () => {
  const { release, scripts } = read("dist/scripts.json");
  expect(release).toBe(read("package.json").version);
  const listed = scripts.map(({ address }: { address: string }) => address);
  expect(listed.sort()).toEqual(
    Object.keys(sri)
      .filter((address) => !address.endsWith(".json"))
      .sort(),
  );
  for (const script of scripts) {
    expect(script.integrity).toBe(sri[script.address]);
    for (const member of ["purpose", "justification", "loaded_in", "authorised_by", "integrity_by"])
      expect(script[member], `${script.name} ${member}`).toMatch(/\w{3}/);
  }
});

test("a compressed copy is the same asset", () => {
  for (const name of assets) {
    const copy = brotliDecompressSync(readFileSync(`dist/frames/${name}.br`));
    expect(copy.equals(readFileSync(`dist/frames/${name}`)), name).toBe(true);
  }
});

test("an asset that changes gets another name", async () => {
  for (const name of assets) expect(name).toMatch(/^[\w-]+-[A-Z0-9]{8}\.(js|wasm|json)$/);
  for (const name of assets.filter((name) => /js(on)?$/.test(name))) {
    const digest = createHash("sha384")
      .update(readFileSync(`dist/frames/${name}`))
      .digest("hex");
    expect(name).toContain(`-${digest.slice(0, 8).toUpperCase()}.`);
  }
  // The engine is named by the bundler.
  const named = async (text: string) => {
    const stdin = { contents: text, sourcefile: "asset.ts" };
    const built = await build({ stdin, entryNames: "[name]-[hash]", outdir: ".", write: false });
    return built.outputFiles[0]?.path;
  };
  expect(await named("f(1)")).toBe(await named("f(1)"));
  expect(await named("f(1)")).not.toBe(await named("f(2)"));
});
