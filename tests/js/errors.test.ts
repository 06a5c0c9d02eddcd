// The table in js/errors.ts is the engine's table, and an error says nothing but what the table says.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, test } from "@playwright/test";
import {
  type BackendCode,
  CardsealError,
  INPUT,
  isInputCode,
  MISUSE,
  NETWORK,
  parseCode,
  REJECTED,
} from "../../js/errors.js";
import type * as Cardseal from "../../js/index.js";
import { ANSWERS } from "../../js/seal/tokenize.js";
import { SENTENCES } from "../../js/sentences.js";

interface Row {
  readonly code: string;
  readonly blame: string;
  readonly retryable: boolean;
  readonly field: string | null;
  readonly explain: string;
}

const rows: readonly Row[] = JSON.parse(readFileSync(new URL("../api/codes.json", import.meta.url), "utf8"));

/** The compiler keeps this list equal to the type. */
const BACKEND = {
  method_not_allowed: true,
  release_unknown: true,
  client_invalid: true,
  grant_invalid: true,
  scope_invalid: true,
  access_token_invalid: true,
  scope_missing: true,
  card_malformed: true,
  origin_not_registered: true,
  transport_insecure: true,
} satisfies Record<BackendCode, true>;

test("has the engine's codes and no others", () => {
  const here = [...Object.keys(INPUT), ...MISUSE, ...NETWORK, ...REJECTED, ...Object.keys(BACKEND)];
  expect(here.sort()).toEqual(rows.map((row) => row.code).sort());
});

for (const row of rows.filter((row) => !Object.hasOwn(BACKEND, row.code))) {
  test(`${row.code} is what the engine says of it`, () => {
    const code = parseCode(row.code);
    if (!code) throw new Error("not a code");
    const error = new CardsealError(code);
    expect(error.blame).toBe(row.blame);
    expect(error.retryable).toBe(row.retryable);
    expect(error.field ?? null).toBe(row.field);
    expect(error.name).toBe("CardsealError");
    expect(error).toBeInstanceOf(Error);
  });
}

test("every message is a short sentence", () => {
  for (const sentence of [INPUT, SENTENCES].flatMap((group) => Object.values(group))) {
    expect(sentence).toMatch(/^[A-Z][^\n]{5,160}\.$/);
  }
});

test("what shoppers load names the code and where its sentence is, a development build says it", async () => {
  const built = async (name: string): Promise<typeof Cardseal> =>
    await import(String(pathToFileURL(`dist/${name}`)));
  const [shoppers, developers] = [await built("index.js"), await built("index.dev.js")];
  for (const code of [...MISUSE, ...NETWORK, ...REJECTED]) {
    expect(new shoppers.CardsealError(code).message).toBe(`cardseal: ${code}, see docs/errors.md`);
    expect(new developers.CardsealError(code).message).toBe(SENTENCES[code]);
  }
});

test("the two builds differ in nothing but sentences", async () => {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(exports["."].development).toBe("./dist/index.dev.js");
  const [shoppers, developers] = await Promise.all(
    ["index.js", "index.dev.js"].map(async (name) => await import(String(pathToFileURL(`dist/${name}`)))),
  );
  expect(Object.keys(developers)).toEqual(Object.keys(shoppers));
  expect(readFileSync("dist/index.js", "utf8")).not.toContain("mount it before tokenize()");
});

test("what the cardholder reads holds no digit and fits a narrow field", () => {
  for (const sentence of Object.values(INPUT)) expect(sentence).not.toMatch(/\p{N}/u);
  for (const [code, sentence] of Object.entries(INPUT)) {
    if (/^(expiry|cvc)/.test(code)) expect(sentence.length).toBeLessThanOrEqual(24);
  }
});

test("takes no look-alike for a code", () => {
  for (const value of [
    "toString",
    "__proto__",
    "",
    "Busy",
    7,
    null,
    undefined,
    ["busy"],
    "4242424242424242",
  ]) {
    expect(parseCode(value)).toBeUndefined();
    expect(isInputCode(value)).toBe(false);
  }
});

test("only the codes of the table concern what was typed", () => {
  for (const { code, blame } of rows) {
    expect(isInputCode(code), code).toBe(blame === "input" && code !== "card_malformed");
    for (const near of [`${code}_`, `_${code}`, code.slice(1), code.slice(0, -1)]) {
      expect(isInputCode(near), near).toBe(false);
    }
  }
});

test("keeps the cause and the field that it was given", () => {
  const cause = new TypeError("fetch failed");
  expect(new CardsealError("context_unavailable", { cause }).cause).toBe(cause);
  expect(new CardsealError("field_not_mounted", { field: "cvc" }).field).toBe("cvc");
  expect("field" in new CardsealError("busy")).toBe(false);
  expect("cause" in new CardsealError("busy")).toBe(false);
});

test("every code that the vault may answer a frame with is a code", () => {
  for (const code of ANSWERS) expect(parseCode(code)).toBe(code);
  expect(new Set(ANSWERS).size).toBe(ANSWERS.length);
});

test("the codes of the vault's document for a frame's call are those that reach the page", () => {
  const document = JSON.parse(readFileSync(new URL("../api/openapi.json", import.meta.url), "utf8"));
  const responses = JSON.stringify(document.paths["/v1/tokens"].post.responses);
  const documented = rows.map(({ code }) => code).filter((code) => responses.includes(`"${code}"`));
  // Two are told by their status alone.
  expect([...ANSWERS, "busy", "rate_limited"].sort()).toEqual(documented.sort());
});
