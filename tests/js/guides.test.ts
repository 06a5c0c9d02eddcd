// The guides' tables list what the package's types have, all of it and no more, and their links lead somewhere.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@playwright/test";
import { FIELDS } from "../../js/messages.js";
import { compile } from "./compile.js";

/** Where a table stands, and the type whose names its first column has. */
const TABLES: readonly (readonly [guide: string, heading: string, type: string])[] = [
  ["options", "`createFields(options)`", "keyof page.Options"],
  ["options", "The form", "keyof page.Fields"],
  ["options", "`tokenize(options?)`", "keyof page.TokenizeOptions"],
  ["options", "A card", "keyof page.CardOptions"],
  ["options", "The handle", "keyof page.FieldHandle"],
  ["events", "Events", "keyof page.FieldEvents"],
  ["events", "change", "keyof page.FieldEvents['change']"],
  ["events", "ready", "keyof page.Timings"],
  ["events", "loaderror", "page.LoadErrorCause"],
  ["events", "brand", "keyof page.FieldEvents['brand']"],
  ["events", "networks", "keyof page.FieldEvents['networks']"],
  ["events", "autofill", "keyof page.FieldEvents['autofill']"],
  ["events", "covered", "keyof page.FieldEvents['covered']"],
  ["stored-cards", "What your backend gets", "NonNullable<server.StoredToken['cvc']>"],
];

test("the tables of the guides list what the types have", () => {
  const modules = TABLES.map(([guide, heading, type], place) => {
    const names = table(guide, heading).flatMap(([cell]) => namesIn(cell));
    return [`${guide}-${place}.ts`, comparison(names, type)];
  });
  const options = table("options", "A field");
  for (const field of FIELDS) {
    const own = options.filter(([, of = ""]) => of.trim() === "every field" || namesIn(of).includes(field));
    const names = own.flatMap(([cell]) => namesIn(cell));
    modules.push([`options-${field}.ts`, comparison(names, `keyof page.MountOptions['${field}']`)]);
  }
  expect(compile("target/tables", Object.fromEntries(modules))).toBe("");
});

test("every link of the guides leads to a file, and to a heading of it", () => {
  const guides = readdirSync("docs").filter((file) => file.endsWith(".md"));
  const files = [
    ...guides.map((file) => `docs/${file}`),
    ...readdirSync(".").filter((file) => file.endsWith(".md")),
  ];
  const dead: string[] = [];
  for (const file of files) {
    const prose = readFileSync(file, "utf8").replace(/^```[\s\S]*?^```$/gm, "");
    for (const [, target = ""] of prose.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path, anchor] = target.split("#");
      const at = path ? join(dirname(file), path) : file;
      if (!existsSync(at) || (anchor && !anchorsOf(at).includes(anchor))) dead.push(`${file}: ${target}`);
    }
  }
  expect(dead).toEqual([]);
});

/** The cells of the first table under a heading, row by row, without its head. */
function table(guide: string, heading: string): string[][] {
  const text = readFileSync(`docs/${guide}.md`, "utf8");
  const section = text.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const rows = section.split(/^\| --- .*\n/m)[1]?.split(/\n(?!\|)/, 1)[0] ?? "";
  expect(rows, `${guide}.md has no table under ${heading}`).not.toBe("");
  return rows.split("\n").map((row) => row.split(/(?<!\\)\|/).slice(1, -1));
}

/** What a cell has in backticks; of a method its name. */
function namesIn(cell = ""): string[] {
  return [...cell.matchAll(/`(\w+)[^`]*`/g)].map(([, name = ""]) => name);
}

/** A module that compiles if these names are those of the type, and else names those that are missing or too many. */
function comparison(names: readonly string[], type: string): string {
  return `import type * as page from "cardseal";
    import type * as server from "cardseal/server";
    type Listed = ${names.map((name) => JSON.stringify(name)).join(" | ")};
    export type From = [page.Fields, server.StoredToken];
    export const missing: Record<Exclude<${type}, Listed>, true> = {};
    export const surplus: Record<Exclude<Listed, ${type}>, true> = {};`;
}

/** The anchors of a file's headings, as the sites that show Markdown make them. */
function anchorsOf(file: string): string[] {
  const headings = readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
