// The texts of the document's language. English is built in; the vault's document links any other, which only then is fetched.

import { FROM_PAGE, parseTexts, type Texts } from "../texts.js";
import en from "./messages/en.json";

/** Gives the texts: at once in English, else when they came, or English if they do not. */
export function readTexts(give: (texts: Texts) => void): void {
  const link = document.querySelector<HTMLLinkElement>("link[as=fetch]");
  if (!link) {
    give(en);
    return;
  }
  fetch(link.href, { integrity: link.integrity })
    .then((answer) => answer.json())
    .then((texts) => give(parseTexts(texts, FROM_PAGE) ?? en))
    .catch(() => {
      // Better another language than none.
      const { documentElement } = document;
      documentElement.lang = "en";
      documentElement.dir = "ltr";
      give(en);
    });
}
