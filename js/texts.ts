// Texts that the cardholder reads, on their way between page and frame: text only, and none that a frame sends has a digit.

import { membersOf, text } from "./members.js";

/** Texts by what they are for: `number_label`, `number_placeholder`, or the code of the error that a field shows. */
export type Texts = Readonly<Record<string, string>>;

/** At most 200 characters, none of them a control, the end of a line, or one that reverses what stands around it. */
export const FROM_PAGE = /^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]{0,200}$/u;
/** The vault's own need no digit either, and what cannot hold one cannot leak one. */
export const FROM_FRAME = /^[^\p{N}\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]{0,200}$/u;

/** The texts, if each has a name and fits; else `undefined`. */
export function parseTexts(given: unknown, pattern: RegExp): Texts | undefined {
  if (typeof given !== "object") return undefined;
  const texts: Record<string, string> = {};
  for (const [name, value] of membersOf(given)) {
    const fitting = text(value, pattern);
    if (fitting === undefined || !/^[a-z_]{1,40}$/.test(name)) return undefined;
    texts[name] = fitting;
  }
  return texts;
}
