// The texts of the document's language. English is built in; the vault's document links any other, which only then is fetched.
// For another language than the document's, the document that the vault has in it is read: no frame is loaded anew.

import { FROM_PAGE, parseTexts, type Texts } from "../texts.js";
import en from "./messages/en.json";

/**
 * Gives the texts of the document's language, or English where they do not come. The function it returns changes to the
 * language that the vault finds for these ranges (RFC 4647); the one before stays where that does not come.
 */
export function readTexts(give: (texts: Texts) => void): (ranges: string) => void {
  let wanted: string | undefined = new URLSearchParams(location.search).get("locale") ?? "";
  let given = false;
  const speak = (texts: Texts, lang = "en", dir = "ltr"): void => {
    Object.assign(document.documentElement, { lang, dir });
    given = true;
    give(texts);
  };
  const read = async (ranges: string, source: string | Promise<string>): Promise<void> => {
    try {
      const html = await source;
      const [, lang, dir] = /lang="(.+?)" dir="(.+?)"/.exec(html) ?? [];
      const [, file, integrity = ""] = /href="([^"]+json)".+?integrity="(.+?)"/.exec(html) ?? [];
      const texts = file ? parseTexts(await (await fetch(file, { integrity })).json(), FROM_PAGE) : en;
      if (!lang || !texts) throw new Error("no texts");
      // Another may have been asked for meanwhile.
      if (ranges === wanted) speak(texts, lang, dir);
    } catch {
      // Better another language than none.
      if (!given) speak(en);
      // Asked for again, it is looked for again.
      if (ranges === wanted) wanted = undefined;
    }
  };
  read(wanted, document.documentElement.outerHTML);
  return (ranges) => {
    if (ranges === wanted) return;
    wanted = ranges;
    read(
      ranges,
      fetch(`?locale=${encodeURIComponent(ranges)}`).then((answer) => answer.text()),
    );
  };
}
