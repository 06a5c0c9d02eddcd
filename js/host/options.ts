// Parses what the page's developer passed in. A message says which option is wrong and what it should be, never its value.

import type { Declaration } from "../bridge-style.js";
import { CardsealError, type InputCode, isInputCode, refuse } from "../errors.js";
import { exactly, optional, type Shape, text } from "../members.js";
import { parseOrigin } from "../origin.js";
import { DEVELOPMENT } from "../sentences.js";
import { FROM_PAGE, parseTexts, type Texts } from "../texts.js";
import { parseStyle, parseTheme, type Style, type Theme } from "./style.js";

/** What createFields() takes. */
export interface Options {
  /** The vault's origin, such as `"https://vault.example"`. `http` is taken for the loopback host only. */
  readonly vault: string;
  /**
   * Gives a fresh capture context: the compact JWS exactly as the vault answered to your backend.
   * Asked at the start, about a minute before the context expires, and after each token.
   */
  readonly context: () => string | Promise<string>;
  /**
   * Your merchant id at the vault. With it the frames load at once; without it they wait for the first context,
   * which names it too. A context of another merchant is refused.
   */
  readonly merchant?: string | undefined;
  /**
   * Milliseconds that a frame may take to load, and again until it can be used, and that one tokenize() may take, retries
   * included; at most 600 000, and 30 000 if left out. Where something else than the vault's frame came, three seconds are enough.
   */
  readonly timeout?: number | undefined;
  /**
   * The language of the fields: a BCP 47 tag such as `"pt-BR"`, of which the nearest is taken that docs/languages.md lists,
   * or `"auto"`, as if left out: the language of the page's `<html lang>`, else the browser's. English if there is none.
   */
  readonly locale?: string | null | undefined;
  /**
   * What the cardholder reads instead of the fields' own sentences, by the code of the error: text of at most 200
   * characters without line breaks, in the language that you show.
   */
  readonly messages?: { readonly [Code in InputCode]?: string } | null | undefined;
  /** How fields look before any style; `"auto"` if left out. */
  readonly theme?: Theme | null | undefined;
  /** The style of every field. */
  readonly style?: Style | null | undefined;
}

/** What tokenize() takes. */
export interface TokenizeOptions {
  /** Ends the call with the code `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** What createFields() takes, parsed. */
export interface Settings {
  readonly vault: string;
  readonly context: () => unknown;
  readonly merchant?: string;
  readonly timeout: number;
  /** This and the next three may change in the life of a form. */
  readonly theme: Theme;
  readonly style: readonly Declaration[];
  /** A tag, or `auto`. */
  readonly locale: string;
  readonly messages: Texts;
}

/** What update() of a form takes, parsed. */
export type Changes = Partial<Pick<Settings, "theme" | "style" | "locale" | "messages">>;

/** What createFields() was given. */
export function parseOptions(options: unknown): Settings {
  const settings = typeof options === "object" ? exactly(OPTIONS, options) : undefined;
  return settings ?? refuse(DEVELOPMENT && `createFields() takes { ${Object.keys(OPTIONS).join(", ")} }.`);
}

/** What update() of a form was given, all of it or nothing: an option that is `null` is as if it had been left out at first. */
export function parseUpdate(options: unknown): Changes {
  const given = exactly(CHANGING, Object(options));
  return given ?? refuse(DEVELOPMENT && `update() takes { ${Object.keys(CHANGING).join(", ")} }.`);
}

/** A merchant id as it stands in a frame's URL. */
export function parseMerchant(value: unknown): string | undefined {
  return text(value, /^[\w-]{1,64}$/);
}

/** The element that mount() names: an element, or a selector that matches one. */
export function parseTarget(target: unknown): Element {
  if (target instanceof Element) return target;
  try {
    const found = typeof target === "string" && document.querySelector(target);
    if (found) return found;
    if (found === null) throw new CardsealError("element_not_found");
  } catch (thrown) {
    // What querySelector() throws quotes the selector.
    if (thrown instanceof CardsealError) throw thrown;
  }
  refuse(DEVELOPMENT && "mount() and `labelledBy` take an element or a CSS selector.");
}

/** What tokenize() was given to be stopped by: an AbortSignal, of this realm or another. */
export function parseSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  const given = Object(signal);
  const fits = signal === undefined || ("aborted" in given && "removeEventListener" in given);
  if (fits) return signal;
  refuse(DEVELOPMENT && "`signal` must be an AbortSignal.");
}

function parseVault(value: unknown): string {
  return (
    parseOrigin(value) ?? refuse(DEVELOPMENT && "`vault` must be an https origin (http on localhost only).")
  );
}

function parseContext(value: unknown): () => unknown {
  if (typeof value === "function") return () => value() as unknown;
  refuse(DEVELOPMENT && "`context` must be a function.");
}

function parseMerchantOption(value: unknown): string {
  return parseMerchant(value) ?? refuse(DEVELOPMENT && "`merchant` must be 1 to 64 letters, digits, _ or -.");
}

function parseTimeout(value: unknown): number {
  const timeout = value ?? 30_000;
  if (typeof timeout === "number" && timeout > 0 && timeout <= 600_000) return timeout;
  refuse(DEVELOPMENT && "`timeout` must be milliseconds, at most 600000.");
}

function parseLocale(value: unknown): string {
  const locale = value ?? "auto";
  try {
    if (locale === "auto") return locale;
    // Takes what RFC 5646 section 2.1 calls well-formed.
    if (typeof locale === "string") return new Intl.Locale(locale).toString();
  } catch {
    // Not a tag: the sentence below says what it should be.
  }
  refuse(DEVELOPMENT && '`locale` must be a language tag such as "pt-BR", or "auto".');
}

function parseMessages(value: unknown): Texts {
  const texts = parseTexts(value ?? {}, FROM_PAGE);
  if (texts && Object.keys(texts).every(isInputCode)) return texts;
  refuse(DEVELOPMENT && "`messages` must hold texts of at most 200 characters by codes of blame input.");
}

const OPTIONS: Shape<Settings> = {
  vault: parseVault,
  context: parseContext,
  merchant: optional(parseMerchantOption),
  timeout: parseTimeout,
  locale: parseLocale,
  messages: parseMessages,
  theme: parseTheme,
  style: (style) => parseStyle(style ?? {}),
};
const CHANGING: Shape<Changes> = {
  theme: optional(parseTheme),
  style: optional((style) => parseStyle(style ?? {})),
  locale: optional(parseLocale),
  messages: optional(parseMessages),
};
