// How a field looks: a constructable style sheet of ours and one of the page's, which need no exception from the frame's
// Content-Security-Policy. The frame is transparent and every text stands on a ground of its own: what is behind it is the
// page's and unknown. What the page asks for is never made into CSS text: each value is set through the CSSOM.

import type { Look } from "../bridge-style.js";

/** Put in by the build: style.css. */
declare const CARDSEAL_STYLE: string;

/** What the page asks for; it comes after ours, so it wins where both speak of the same state. */
const PAGE = new CSSStyleSheet();

/** The page says by the fragment which scheme it is in: a frame of the other would not be transparent. */
export function applyStyle(dark: boolean): void {
  document.documentElement.classList.toggle("dark", dark);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CARDSEAL_STYLE);
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
