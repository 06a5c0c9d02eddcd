// What is in the tarball: what its entry points lead to, and nothing that was not meant.

import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, posix } from "node:path";
import { createContext, Script } from "node:vm";
import { expect, test } from "@playwright/test";
import { INSTALLED, run } from "./place.ts";

/** Packed though no entry point leads to them: what npm always packs, licences, and what verifies the scripts. */
const BESIDE = [
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "README.md",
  "dist/scripts.json",
  "dist/sri.json",
  "package.json",
];

const read = (file: string): Buffer => readFileSync(join(INSTALLED, file));

function packed(): string[] {
  const entries = readdirSync(INSTALLED, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => posix.join(entry.parentPath.slice(INSTALLED.length + 1), entry.name))
    .sort();
}

/** The files of the package that package.json names to those who import it. */
function named(value: unknown): string[] {
  if (typeof value === "string") return [posix.normalize(value)];
  return value && typeof value === "object" ? Object.values(value).flatMap(named) : [];
}

/** The files that a script or declaration names: modules, a source map, what it fetches beside itself. */
function leadsTo(file: string): string[] {
  if (!/\.(js|ts)$/.test(file)) return [];
  const text = read(file).toString();
  const specifiers = [
    ...text.matchAll(/(?:\bfrom|\bimport|\bimport\(|\bnew URL\()\s*["'](\.{0,2}\/?[\w./-]+)["']/g),
    ...text.matchAll(/sourceMappingURL=(\S+)/g),
  ].map(([, specifier = ""]) => specifier);
  const beside = specifiers.filter((specifier) => /^\.{1,2}\/|\.(wasm|map)$/.test(specifier));
  return beside.map((specifier) => {
    const path = posix.join(posix.dirname(file), specifier);
    return file.endsWith(".d.ts") ? path.replace(/\.js$/, ".d.ts") : path;
  });
}

test("the tarball holds every file that an entry point leads to, and no other", () => {
  const { exports, unpkg, jsdelivr } = JSON.parse(read("package.json").toString());
  const reached = new Set<string>();
  const waiting = named([exports, unpkg, jsdelivr]);
  for (let file = waiting.pop(); file; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    waiting.push(...leadsTo(file));
  }
  expect(packed()).toEqual([...reached, ...BESIDE].sort());
});

test("no test, key, source or map of others is in the tarball, nor a path of the machine that made it", () => {
  const paths = [process.cwd(), homedir(), "/home/", "/Users/", "node_modules/", ".cargo"];
  const keys = ["PRIVATE KEY", "client_secret="];
  for (const file of packed()) {
    expect(file).not.toMatch(/spec|\.test\.|\.rs$|\.pem$|\.key$|[^d]\.tsx?$|\.env/);
    const text = read(file).toString("latin1");
    for (const word of [...paths, ...keys]) expect(text.includes(word), `${file} has ${word}`).toBe(false);
    if (!file.endsWith(".map")) continue;
    for (const source of JSON.parse(text).sources) expect(source).toMatch(/^\.\.\/js\//);
  }
});

test("publint finds nothing", async () => {
  expect(await run(".", ["npx", "publint", "run", "cardseal.tgz", "--strict"])).toContain("All good!");
});

test("the types are right for everyone who can import the package", async () => {
  // CommonJS before Node 20.19, and resolution as before Node 12, know no packages of modules alone.
  expect(await run(".", ["npx", "attw", "cardseal.tgz", "--profile", "esm-only"])).toContain(
    "cardseal/server",
  );
});

test("the consumer that is only compiled imports every entry point", async () => {
  const { exports } = JSON.parse(read("package.json").toString());
  const text = readFileSync("tests/pack/types/main.tsx", "utf8");
  for (const entry of Object.keys(exports)) expect(text).toContain(`"cardseal${entry.slice(1)}"`);
});

const COMPILERS = {
  "5": { compiler: ["npx", "tsc"], resolutions: ["bundler", "node16"] },
  "7": {
    compiler: [join(process.cwd(), "node_modules/.bin/tsc")],
    resolutions: ["bundler", "node16", "nodenext"],
  },
} as const;

for (const [version, { compiler, resolutions }] of Object.entries(COMPILERS)) {
  for (const resolution of resolutions) {
    test(`TypeScript ${version} compiles every entry point, resolved as ${resolution} does`, async () => {
      expect(await run("types", [...compiler, "--version"])).toContain(`Version ${version}.`);
      await run("types", [...compiler, "--project", `tsconfig.${resolution}.json`]);
    });
  }
}

test("the script for pages without a bundler defines Cardseal, and that alone", () => {
  const page = createContext({});
  new Script(read("dist/cardseal.js").toString()).runInContext(page);
  expect(Object.keys(page)).toEqual(["Cardseal"]);
  expect(Object.keys(page.Cardseal)).toEqual(["CardsealError", "createFields"]);
});

test("no lock names where a registry is", () => {
  for (const lock of ["package-lock.json", "tests/pack/package-lock.json"]) {
    const packages: Record<string, { resolved?: string }> = JSON.parse(readFileSync(lock, "utf8")).packages;
    expect(Object.keys(packages).length).toBeGreaterThan(20);
    for (const { resolved = "" } of Object.values(packages)) expect(resolved).not.toContain("://");
  }
});

test("on a server, importing what is for pages does nothing", async () => {
  const { exported, globals } = JSON.parse(await run("node", ["node", "import.mjs"]));
  expect(exported).toMatchObject({ cardseal: ["CardsealError", "createFields"], "cardseal/elements": [] });
  expect(globals).toEqual([]);
});
