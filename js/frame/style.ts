// How a field looks: one constructable style sheet, which needs no exception from the frame's Content-Security-Policy.
// The frame is transparent and every text stands on a ground of its own: what is behind it is the page's and unknown.

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
  font: 100%/1.5 system-ui, sans-serif;
}
.dark { color-scheme: dark; }
* { box-sizing: border-box; margin: 0; }
body { padding: 3px; overflow-x: hidden; }
div { position: relative; }
label {
  position: absolute;
  top: .5rem;
  left: .8125rem;
  font-size: .75rem;
  line-height: 1rem;
  color: var(--soft);
  pointer-events: none;
}
input {
  display: block;
  width: 100%;
  height: 3.5rem;
  padding: 1.375rem 2.25rem .375rem .75rem;
  font: inherit;
  font-variant-numeric: tabular-nums;
  color: var(--text);
  background: var(--face);
  border: 1px solid var(--edge);
  border-radius: .625rem;
  outline: 0;
}
input::placeholder { color: var(--soft); opacity: 1; }
input:hover { border-color: var(--text); }
input:focus { border-color: var(--focus); outline: 2px solid var(--focus); outline-offset: -1px; }
.wrong input { border-color: var(--wrong); }
.wrong input:focus { outline-color: var(--wrong); }
div::after {
  position: absolute;
  inset: 0 .875rem 0 auto;
  display: grid;
  place-items: center;
  font-weight: 700;
  pointer-events: none;
}
.right::after { content: "\\2713" / ""; color: var(--right); }
.wrong::after { content: "!" / ""; color: var(--wrong); }
p {
  width: fit-content;
  min-height: 1.375rem;
  margin-top: .25rem;
  font-size: .8125rem;
  line-height: 1.375rem;
  color: var(--wrong);
  border-radius: .375rem;
}
p:not(:empty) { padding: 0 .5rem; background: light-dark(#fdeeec, #3a1a18); }
`;

/** The page says by the fragment which scheme it is in: a frame of the other would not be transparent. */
export function applyStyle(): void {
  document.documentElement.classList.toggle("dark", location.hash === "#dark");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  document.adoptedStyleSheets = [sheet];
}
