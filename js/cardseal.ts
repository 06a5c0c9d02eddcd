// What a page without a bundler loads by one `<script src>`: the elements are registered, and `Cardseal` has what
// `import "cardseal"` gives. It must never be imported beside that: each has a form of its own.

import * as cardseal from "cardseal";
import "./adapters/elements.js";

declare global {
  /** All that `import "cardseal"` gives, once `dist/cardseal.js` was loaded by a script tag. */
  var Cardseal: typeof cardseal;
}

globalThis.Cardseal = cardseal;
