// What the guides show compiles against the types that the package ships.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { compile } from "./compile.js";

/** Names that samples use for what is the reader's own. */
const READERS_OWN: Record<string, string> = {
  body: "string",
  browser: 'import("cardseal/testing/webdriverio").Driver & { url(path: string): Promise<void> }',
  clientId: "string",
  clientSecret: "string",
  context: "() => Promise<string>",
  current: "string",
  cvc: 'import("cardseal").FieldHandle<"cvc">',
  fields: 'import("cardseal").Fields',
  order: "string",
  payButton: "HTMLButtonElement",
  previous: "string",
  request: "Request",
  send: "(token: unknown) => Promise<void>",
  vault: "string",
};

const IMPORTS: Record<string, string> = { createFields: "cardseal", verifyWebhook: "cardseal/server" };

function samples(): { name: string; text: string; kind: string }[] {
  const guides = ["README.md", ...readdirSync("docs").map((file) => `docs/${file}`)];
  return guides
    .filter((file) => file.endsWith(".md"))
    .flatMap((file) => {
      const blocks = readFileSync(file, "utf8").matchAll(/^```(js|jsx|ts|tsx)\n([\s\S]*?)^```$/gm);
      return [...blocks].map(([, kind = "", text = ""], index) => {
        const name = `${file.replace("/", "-").replace(".md", "")}-${index + 1}`;
        return { name, text, kind: kind.endsWith("x") ? "tsx" : "ts" };
      });
    });
}

/** The sample as a module, with what it takes as given. */
function whole(text: string): string {
  const named = (name: string) => new RegExp(`\\b${name}\\b`).test(text);
  const made = (name: string) => {
    const own = new RegExp(`(const|let|function) (\\{[^}]*\\b${name}\\b[^}]*\\}|${name}\\b)`);
    return own.test(text) || new RegExp(`import \\{[^}]*\\b${name}\\b`).test(text);
  };
  const given = (names: object) => Object.entries(names).filter(([name]) => named(name) && !made(name));
  return [
    ...given(IMPORTS).map(([name, from]) => `import { ${name} } from "${from}";`),
    ...given(READERS_OWN).map(([name, type]) => `declare const ${name}: ${type};`),
    text,
    "export {};",
  ].join("\n");
}

test("every sample of the guides compiles", () => {
  const all = samples();
  // README, fields, server, styling, elements and others: a pattern that finds none would prove nothing.
  expect(all.length).toBeGreaterThan(10);
  const modules = all.map(({ name, text, kind }) => [`${name}.${kind}`, whole(text)]);
  expect(compile("target/samples", Object.fromEntries(modules))).toBe("");
});
