// What a page may ask of a field's looks: a closed list, parsed in the page and again in the frame.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { isDeclaration } from "../../js/bridge-style.js";
import { CardsealError } from "../../js/errors.js";
import { parseStyle, parseTheme } from "../../js/host/style.js";
import { parseFieldMessage } from "../../js/messages.js";

/** The error that a style is refused with. */
function refusal(style: unknown): CardsealError {
  try {
    parseStyle(style);
  } catch (error) {
    if (error instanceof CardsealError) return error;
  }
  throw new Error(`taken: ${JSON.stringify(style)}`);
}

const VALUES: [name: string, value: string][] = [
  ["background", "url(https://evil.example/x)"],
  ["background", "URL(//evil.example)"],
  ["background", "image-set('x.png' 1x)"],
  ["background", "linear-gradient(red, blue)"],
  ["background", "element(#number)"],
  ["background", "paint(leak)"],
  ["color", "expression(alert(1))"],
  ["color", "attr(value)"],
  ["color", "env(safe-area-inset-top)"],
  ["color", "var(--foreign)"],
  ["color", "var(--text, url(x))"],
  ["color", "var(--textual)"],
  ["color", "rgb(url(x))"],
  ["color", "red; position: fixed"],
  ["color", "red} body { display: none"],
  ["color", "red !important"],
  ["color", "r\\65 d"],
  ["color", "red /* comment */"],
  ["color", "red*/"],
  ["color", "<style>"],
  ["color", "@import"],
  ["color", "#gggggg"],
  ["color", "red\nblue"],
  ["color", "x".repeat(200)],
  ["cursor", "url(x.cur), auto"],
  ["fontFamily", '"a\\"b"'],
  ["fontFamily", '"</style>"'],
  ["fontFamily", '"unclosed'],
  ["fontSize", "9999px"],
  ["fontSize", "1e9px"],
  ["height", "100dvh1"],
  ["--text", "url(x)"],
  ["--text", "{}"],
];
for (const [name, value] of VALUES) {
  test(`refuses ${JSON.stringify(value).slice(0, 50)} for ${name}, by name alone`, () => {
    const { code, message } = refusal({ [name]: value });
    expect(code).toBe("options_invalid");
    expect(message).toContain(name);
    expect(message).not.toContain(value);
  });
}

const NAMES =
  "position zIndex z-index content transform filter backdropFilter backgroundImage mask maskImage clipPath display visibility inset top left float pointerEvents direction unicodeBidi listStyle borderImage borderImageSource animation animationName willChange mixBlendMode src behavior MozBinding --foreign --text-x all zoom width translate scale rotate".split(
    " ",
  );
for (const name of NAMES) {
  test(`refuses the property ${name}`, () => {
    const { code, message } = refusal({ ":hover": { [name]: "0" } });
    expect(code).toBe("options_invalid");
    expect(message).toContain(`:hover ${name}`);
  });
}

const PLACES: unknown[] = [
  { ":visited": { color: "red" } },
  { ":has(x)": { color: "red" } },
  { "::before": { color: "red" } },
  { "::after": { color: "red" } },
  { ":hover body": { color: "red" } },
  { ":hover,": { color: "red" } },
  { ":hover{}x": { color: "red" } },
  { "::placeholder": { ":hover": { color: "red" } } },
  { "@import": { color: "red" } },
  { "@font-face": { fontFamily: "x" } },
  { "@media (min-width: 1px) {} @import 'x'": { color: "red" } },
  { "@media (min-width: 1px), all": { color: "red" } },
  { "@media (min-resolution: 2dppx)": { color: "red" } },
  { "@media": { color: "red" } },
  { "@container": { color: "red" } },
  { "@container (hover: hover)": { color: "red" } },
  { "@container form (min-width: 1px)": { color: "red" } },
  { "@container style(--x: 1)": { color: "red" } },
  { ":hover": "red" },
  { color: null },
  { color: {} },
  { color: () => "red" },
  "color: red",
  null,
  7,
];
for (const style of PLACES) {
  test(`refuses ${JSON.stringify(style)}`, () => expect(refusal(style).code).toBe("options_invalid"));
}

test("a style becomes declarations in their order, with states and conditions nested", () => {
  const style = {
    fontSize: "1.125rem",
    "line-height": 1.5,
    color: undefined,
    "--edge": "light-dark(#123456, rgb(1 2 3 / 50%))",
    fontFamily: "\"Source Sans 3\", 'Inter', -apple-system, sans-serif",
    boxShadow: "inset 0 0 0 3em var(--face), 0 1px 2px #0003",
    padding: "calc(1rem - 2px) max(4px, .5em)",
    transition: "border-color 150ms cubic-bezier(.2, 0, 0, 1)",
    WebkitTextFillColor: "oklch(40% .1 250)",
    ":invalid": { ":focus": { outline: "2px solid var(--wrong)" } },
    "@media (max-width: 20em) and (prefers-reduced-motion: reduce)": { ":hover": { opacity: ".9" } },
    "@container (min-width: 10em) and (max-width: 320px)": { letterSpacing: "0" },
  };
  expect(parseStyle(style)).toEqual([
    ["", "", "font-size", "1.125rem"],
    ["", "", "line-height", "1.5"],
    ["", "", "--edge", style["--edge"]],
    ["", "", "font-family", style.fontFamily],
    ["", "", "box-shadow", style.boxShadow],
    ["", "", "padding", style.padding],
    ["", "", "transition", style.transition],
    ["", "", "-webkit-text-fill-color", style.WebkitTextFillColor],
    ["", ":invalid:focus", "outline", "2px solid var(--wrong)"],
    ["@media (max-width: 20em) and (prefers-reduced-motion: reduce)", ":hover", "opacity", ".9"],
    ["@container (min-width: 10em) and (max-width: 320px)", "", "letter-spacing", "0"],
  ]);
});

test("docs/styling.md lists properties that are taken, more than any peer's 47, and tokens", () => {
  const text = readFileSync("docs/styling.md", "utf8");
  const listed = [...text.matchAll(/^- `([^`]+)`$/gm)].map(([, name]) => name ?? "");
  expect(listed.length).toBeGreaterThan(47);
  expect(new Set(listed).size).toBe(listed.length);
  for (const name of listed) expect([name, isDeclaration(["", "", name, "0"])]).toEqual([name, true]);
  for (const [, token] of text.matchAll(/^\| `(--\w+)` \|/gm)) {
    expect([token, isDeclaration(["", "", token, "0"])]).toEqual([token, true]);
  }
});

test("a frame drops what does not fit and keeps the rest", () => {
  const good = ["", ":hover", "color", "red"];
  const bad = [
    ["", "", "position", "fixed"],
    ["", "", "color", "url(x)"],
    ["@import", "", "color", "red"],
    ["", "body", "color", "red"],
    ["", "", "color"],
    ["", "", "color", "red", ""],
    ["", "", "color", 7],
    "color",
    null,
    { 0: "", 1: "", 2: "color", 3: "red", length: 4 },
  ];
  const look = { v: 1, kind: "look", dark: true, contrast: false, style: [...bad, good, ...bad] };
  expect(parseFieldMessage(look)).toEqual({ ...look, style: [good] });
});

for (const [fault, member] of Object.entries({
  "a scheme that is none": { dark: "yes" },
  "no contrast": { contrast: undefined },
  "more declarations than any field needs": { style: Array(501).fill(["", "", "color", "red"]) },
  "a member that no look has": { html: "<b>" },
})) {
  test(`a frame ignores a look with ${fault}`, () => {
    const look = { v: 1, kind: "look", dark: false, contrast: false, style: [], ...member };
    expect(parseFieldMessage(look)).toBeUndefined();
  });
}

test("a hostile value of any length is parsed in no time to speak of", () => {
  const started = process.cpuUsage().user;
  for (const piece of ["a", "-", "rgb(", "'", "1.", "( ", "var(--text"]) {
    isDeclaration(["", "", "color", piece.repeat(50)]);
    isDeclaration([
      `@media ${piece.repeat(100)}`,
      piece.repeat(1000),
      piece.repeat(1000),
      piece.repeat(100_000),
    ]);
  }
  expect(process.cpuUsage().user - started).toBeLessThan(2_000_000);
});

test("a theme is one of four", () => {
  expect(parseTheme(undefined)).toBe("auto");
  expect(parseTheme("contrast")).toBe("contrast");
  expect(() => parseTheme("midnight")).toThrow(/theme/);
});

test("a mark with an alternative text is given without one first, for browsers that know none", () => {
  const shipped = readdirSync("dist/frames").find((file) => /^field-\w+\.js$/.test(file));
  const script = readFileSync(`dist/frames/${shipped}`, "utf8");
  const marks = [...script.matchAll(/content:("[^"]+") \/ ""/g)].map(([, mark]) => mark);
  expect(marks).toHaveLength(3);
  for (const mark of marks) expect(script).toContain(`content:${mark};content:${mark} / ""`);
});
