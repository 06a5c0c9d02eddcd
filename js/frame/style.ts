// How a field looks: a constructable style sheet of ours and one of the page's, which need no exception from the frame's
// Content-Security-Policy. The frame is transparent and every text stands on a ground of its own: what is behind it is the
// page's and unknown. What the page asks for is never made into CSS text: each value is set through the CSSOM.

import type { Look } from "../bridge-style.js";

const SHEET = `
:root {
  color-scheme: light;
  --text: light-dark(#17212b, #eef2f6);
  --soft: light-dark(#52606d, #aab5c1);
  --edge: light-dark(#7b8794, #77838f);
  --face: light-dark(#fff, #171e24);
  --focus: light-dark(#0b5fd0, #7db4ff);
  --wrong: light-dark(#b42318, #ff9a8f);
  --right: light-dark(#0a7a46, #5fd39a);
  --line: 1px;
  --radius: .625rem;
  --font: system-ui, sans-serif;
  --size: 1rem;
  --padding: .75rem;
  font: 100%/1.5 var(--font);
}
.dark { color-scheme: dark; }
.contrast {
  --text: light-dark(#000, #fff);
  --soft: var(--text);
  --edge: var(--text);
  --face: light-dark(#fff, #000);
  --focus: light-dark(#0038a8, #8ec5ff);
  --wrong: light-dark(#8f0000, #ffb4aa);
  --right: light-dark(#00521f, #8ff0b4);
  --line: 2px;
}
* { box-sizing: border-box; margin: 0; }
body { padding: 3px; overflow-x: hidden; }
section { display: flex; flex-wrap: wrap; gap: .5rem; }
.row section { flex-wrap: nowrap; }
.stacked section { display: grid; }
div { position: relative; flex: 1 1 7.5rem; min-width: 0; container-type: inline-size; }
div:has(> #number, > #name) { flex: 3 1 max(15rem, min(100%, (31rem - 100%) * 99)); }
section:has(> :nth-child(4)) > :has(> #number, > #name) { flex-basis: 100%; }
.row div:has(> #number, > #name) { flex-basis: 15rem; }
label {
  position: absolute;
  max-width: calc(100% - 2 * var(--padding));
  overflow: hidden;
  white-space: nowrap;
  text-overflow: ellipsis;
  top: .5rem;
  inset-inline-start: calc(var(--padding) + var(--line));
  font-size: .75rem;
  line-height: 1rem;
  color: var(--soft);
  pointer-events: none;
}
.unseen, .mirrors { clip-path: inset(50%); }
.mirrors { position: fixed; inset: 0; }
:is(input, select) {
  display: block;
  width: 100%;
  height: 3.5rem;
  padding: 1.375rem var(--end, 2.25rem) .375rem var(--padding);
  font: var(--size)/1.5 var(--font);
  font-variant-numeric: tabular-nums;
  color: var(--text);
  background: var(--face);
  border: var(--line) solid var(--edge);
  border-radius: var(--radius);
  outline: 0;
}
:is(input, select):has(+ .unseen) { padding-block: .375rem; }
select { appearance: none; }
select.empty { color: var(--soft); }
:where([dir=rtl]) :is(input, select) { padding-left: var(--end, 2.25rem); padding-right: var(--padding); text-align: right; }
input::placeholder { color: var(--soft); opacity: 1; }
:is(input, select):hover { border-color: var(--text); }
:is(input, select):focus { border-color: var(--focus); outline: 2px solid var(--focus); outline-offset: -1px; }
.wrong :is(input, select) { border-color: var(--wrong); }
.wrong :is(input, select):focus { outline-color: var(--wrong); }
div::after {
  position: absolute;
  inset-block: 0;
  inset-inline-end: .875rem;
  display: grid;
  place-items: center;
  font-weight: 700;
  pointer-events: none;
}
div:has(> select)::after { content: "\\25be" / ""; color: var(--soft); }
.right::after { content: "\\2713" / ""; color: var(--right); }
.wrong::after { content: "!" / ""; color: var(--wrong); }
#errors { display: block; min-height: 1.375rem; margin-top: .25rem; }
p {
  width: fit-content;
  font-size: .8125rem;
  line-height: 1.375rem;
  overflow-wrap: anywhere;
  color: var(--wrong);
  border-radius: .375rem;
}
p:not(:empty) { padding: 0 .5rem; background: light-dark(#fdeeec, #3a1a18); }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media (forced-colors: active) { :focus { outline: 2px solid Highlight !important; } }
`;

/** What the page asks for; it comes after ours, so it wins where both speak of the same state. */
const PAGE = new CSSStyleSheet();

/** The page says by the fragment which scheme it is in: a frame of the other would not be transparent. */
export function applyStyle(dark: boolean): void {
  document.documentElement.classList.toggle("dark", dark);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  document.adoptedStyleSheets = [sheet, PAGE];
}

/** Looks as the page asks from now on. */
export function applyLook({ dark, contrast, style }: Look): void {
  const { classList } = document.documentElement;
  classList.toggle("dark", dark);
  classList.toggle("contrast", contrast);
  PAGE.replaceSync("");
  style.forEach(([media, state, name, value], index) => {
    PAGE.insertRule("@media all{x{}}", index);
    const group = PAGE.cssRules[index] as CSSMediaRule;
    const rule = group.cssRules[0] as CSSStyleRule;
    // The container of a field is its frame.
    group.media.mediaText = media.replace(/^@\w+/, "");
    // Tokens of the field at large are for its label and its line of error too.
    rule.selectorText =
      !state && name.startsWith("--") ? ":root" : `:is(input,select)${state.replace(/:(?=[aeci])/g, ".")}`;
    rule.style.setProperty(name, value);
  });
  // Web fonts that it names are loaded now, so that what is typed has no part in what is loaded when.
  const named = JSON.stringify(style).toLowerCase();
  for (const face of document.fonts)
    if (named.includes(face.family.replaceAll('"', "").toLowerCase())) face.load().catch(() => {});
}
