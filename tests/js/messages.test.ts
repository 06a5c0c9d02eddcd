// Every language says everything that the cardholder may have to read, and nothing else; docs/languages.md lists them all.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { INPUT } from "../../js/errors.js";
import { FIELDS } from "../../js/messages.js";
import { FROM_FRAME, FROM_PAGE, parseTexts } from "../../js/texts.js";

const FOLDER = new URL("../../js/frame/messages/", import.meta.url);
const TAGS = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ""));
/** What month and year show stands in the placeholder of both. */
const PARTS = ["month_placeholder", "year_placeholder"];
const NAMES = [
  "direction",
  ...FIELDS.flatMap((field) => [`${field}_label`, `${field}_placeholder`]),
  "card_label",
  "network_label",
  ...Object.keys(INPUT),
]
  .filter((name) => !PARTS.includes(name))
  .sort();

function textsOf(tag: string): Record<string, string> {
  return JSON.parse(readFileSync(new URL(`${tag}.json`, FOLDER), "utf8"));
}

const ENGLISH = textsOf("en");

/** The script that most speakers of a language read, as CLDR has it. */
function scriptOf(tag: string): string {
  return new Intl.Locale(tag).maximize().script ?? "";
}

test("there are more than fifty languages, each under the tag that Intl has for it", () => {
  expect(TAGS.length).toBeGreaterThan(50);
  expect(Intl.getCanonicalLocales(TAGS)).toEqual(TAGS);
  expect(Intl.DateTimeFormat.supportedLocalesOf(TAGS)).toEqual(TAGS);
});

test("in English the fields say what the errors of the page say", () => {
  expect(ENGLISH).toMatchObject(INPUT);
});

test("each language has every text and no other, none with a digit but for the pattern of a number", () => {
  for (const tag of TAGS) {
    const texts = textsOf(tag);
    expect(Object.keys(texts).sort(), tag).toEqual(NAMES);
    for (const [name, text] of Object.entries(texts)) {
      expect(text, `${tag} ${name}`).toMatch(FROM_PAGE);
      expect(text, `${tag} ${name}`).toBe(text.trim().normalize("NFC"));
      if (!name.endsWith("_placeholder")) expect(text, `${tag} ${name}`).toMatch(FROM_FRAME);
      // An example of a name or a postal code would be wrong for somebody; the label says what to type.
      if (!/^(name|postal_code)_placeholder$/.test(name)) expect(text, `${tag} ${name}`).not.toBe("");
    }
  }
});

test("each language fits its fields", () => {
  for (const tag of TAGS) {
    const texts = textsOf(tag);
    const width = (name: string): number =>
      // Han, kana and Hangul are twice as wide as other letters.
      [...(texts[name] ?? "").replace(/\p{M}/gu, "")].reduce(
        (sum, letter) => sum + (/[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}]/u.test(letter) ? 2 : 1),
        0,
      );
    for (const field of FIELDS) expect(width(`${field}_label`), `${tag} ${field}`).toBeLessThanOrEqual(26);
    for (const code of Object.keys(INPUT)) {
      expect(width(code), `${tag} ${code}`).toBeLessThanOrEqual(/^(expiry|cvc)/.test(code) ? 36 : 46);
      expect(width(code), `${tag} ${code}`).toBeGreaterThan(3);
    }
    expect(texts.expiry_placeholder, tag).toMatch(/^(\p{L}{2} \/ \p{L}{2}|月 \/ 年|월 \/ 년)$/u);
    expect(texts.cvc_placeholder, tag).toMatch(/^(CVC|CVV|CVV2)$/);
    expect(texts.number_placeholder, tag).toBe("1234 1234 1234 1234");
  }
});

test("each language runs in the direction of its script, in its script", () => {
  for (const tag of TAGS) {
    const texts = textsOf(tag);
    const script = scriptOf(tag);
    expect(texts.direction, tag).toBe(["Arab", "Hebr"].includes(script) ? "rtl" : "ltr");
    const letters = { Hans: "Han", Hant: "Han", Jpan: "Han", Kore: "Hangul" }[script] ?? script;
    const written = new RegExp(`\\p{sc=${letters}}`, "u");
    for (const name of ["number_label", "expiry_label", "name_label", ...Object.keys(INPUT)]) {
      expect(texts[name], `${tag} ${name}`).toMatch(written);
    }
    // What is typed runs from left to right, and so must the example of it.
    if (texts.direction === "rtl") expect(texts.expiry_placeholder, tag).toBe("MM / YY");
  }
});

test("each language is no copy, and tells its errors apart", () => {
  for (const tag of TAGS) {
    const texts = textsOf(tag);
    const sentences = Object.keys(INPUT).map((code) => texts[code]);
    expect(new Set(sentences).size, tag).toBe(sentences.length);
    const labels = FIELDS.map((field) => texts[`${field}_label`]);
    expect(new Set(labels).size, tag).toBe(labels.length);
    for (const code of Object.keys(INPUT)) {
      if (tag !== "en") expect(texts[code], `${tag} ${code}`).not.toBe(ENGLISH[code]);
      // All of them end as sentences do, or none, as in Thai.
      expect(/[.。।۔]$/.test(texts[code] ?? ""), `${tag} ${code}`).toBe(tag !== "th");
    }
  }
});

test("docs/languages.md lists the languages with their names and directions", () => {
  const names = new Intl.DisplayNames("en", { type: "language", languageDisplay: "standard" });
  const rows = TAGS.map((tag) => `| \`${tag}\` | ${names.of(tag)} | ${textsOf(tag).direction} |`);
  const listed = readFileSync(new URL("../../docs/languages.md", import.meta.url), "utf8");
  expect(listed.split("\n").filter((line) => line.startsWith("| `"))).toEqual(rows);
});

test("texts are taken only as text", () => {
  expect(parseTexts({}, FROM_PAGE)).toEqual({});
  expect(parseTexts({ cvc_invalid: "<b>Look at page 3</b>" }, FROM_PAGE)).toEqual({
    cvc_invalid: "<b>Look at page 3</b>",
  });
  for (const wrong of [
    undefined,
    "text",
    7,
    { cvc_invalid: 7 },
    { cvc_invalid: null },
    { "": "x" },
    { A: "x" },
  ]) {
    expect(parseTexts(wrong, FROM_PAGE)).toBeUndefined();
  }
  for (const text of ["a\nb", "a\u0000", "a\u0085", "a\u2028b", "\u202eabc", "\u2067abc", "x".repeat(201)]) {
    expect(parseTexts({ cvc_invalid: text }, FROM_PAGE)).toBeUndefined();
    expect(parseTexts({ cvc_invalid: text }, FROM_FRAME)).toBeUndefined();
  }
});

test("no text of a frame has a digit of any script", () => {
  for (const text of ["4242", "a1", "٤٢", "४२", "４２", "𝟒", "Ⅳ", "②", "½"]) {
    expect(parseTexts({ cvc_invalid: text }, FROM_FRAME)).toBeUndefined();
    expect(parseTexts({ cvc_invalid: text }, FROM_PAGE)).toBeDefined();
  }
});
