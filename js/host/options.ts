// Parses what the page's developer passed in. A message says which option is wrong and what it should be, never its value.

import type { Declaration } from "../bridge-style.js";
import { CardsealError, type InputCode, isInputCode } from "../errors.js";
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
   * Milliseconds that a frame may take until it can be used, and that one tokenize() may take, retries included;
   * at most 600 000, and 30 000 if left out.
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
  readonly merchant: string | undefined;
  readonly timeout: number;
  /** This and the next three may change in the life of a form. */
  readonly theme: Theme;
  readonly style: readonly Declaration[];
  /** A tag, or `auto`. */
  readonly locale: string;
  readonly messages: Texts;
}

export function parseOptions(options: unknown): Settings {
  const given = new Map<string, unknown>(Object.entries(options ?? {}));
  if (typeof options !== "object" || [...given.keys()].some((name) => !NAMES.includes(name))) {
    throw invalid(DEVELOPMENT && `createFields() takes { ${NAMES.join(", ")} }.`);
  }
  return {
    vault: parseVault(given.get("vault")),
    context: parseContext(given.get("context")),
    merchant: parseMerchantOption(given.get("merchant")),
    timeout: parseTimeout(given.get("timeout") ?? 30_000),
    theme: parseTheme(given.get("theme") ?? undefined),
    style: parseStyle(given.get("style") ?? undefined),
    locale: parseLocale(given.get("locale") ?? undefined),
    messages: parseMessages(given.get("messages") ?? undefined),
  };
}

/** What update() of a form was given, all of it or nothing: an option that is `null` is as if it had been left out at first. */
export function parseUpdate(options: unknown): Partial<Settings> {
  const parsed = Object.entries(Object(options)).flatMap(([name, value]) => {
    if (!Object.hasOwn(CHANGING, name))
      throw invalid(DEVELOPMENT && `update() takes { ${Object.keys(CHANGING).join(", ")} }.`);
    return value === undefined ? [] : [[name, CHANGING[name as keyof typeof CHANGING](value ?? undefined)]];
  });
  return Object.fromEntries(parsed);
}

/** A merchant id as it stands in a frame's URL. */
export function parseMerchant(value: unknown): string | undefined {
  return typeof value === "string" && /^[\w-]{1,64}$/.test(value) ? value : undefined;
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
  throw invalid(DEVELOPMENT && "mount() and `labelledBy` take an element or a CSS selector.");
}

/** What tokenize() was given to be stopped by: an AbortSignal, of this realm or another. */
export function parseSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  const fits = signal === undefined || ("aborted" in signal && "removeEventListener" in signal);
  if (fits) return signal;
  throw invalid(DEVELOPMENT && "`signal` must be an AbortSignal.");
}

const NAMES: readonly string[] = [
  "vault",
  "context",
  "merchant",
  "timeout",
  "locale",
  "messages",
  "theme",
  "style",
] satisfies (keyof Options)[];

const CHANGING = {
  theme: parseTheme,
  style: (value: unknown) => parseStyle(value),
  locale: parseLocale,
  messages: parseMessages,
};

function parseVault(value: unknown): string {
  const origin = parseOrigin(value);
  if (origin) return origin;
  throw invalid(DEVELOPMENT && "`vault` must be an https origin (http on localhost only).");
}

function parseContext(value: unknown): () => unknown {
  if (typeof value === "function") return () => value() as unknown;
  throw invalid(DEVELOPMENT && "`context` must be a function.");
}

function parseMerchantOption(value: unknown): string | undefined {
  const merchant = parseMerchant(value);
  if (value === undefined || merchant) return merchant;
  throw invalid(DEVELOPMENT && "`merchant` must be 1 to 64 letters, digits, _ or -.");
}

function parseTimeout(value: unknown): number {
  if (typeof value === "number" && value > 0 && value <= 600_000) return value;
  throw invalid(DEVELOPMENT && "`timeout` must be milliseconds, at most 600000.");
}

function parseLocale(value: unknown = "auto"): string {
  try {
    if (value === "auto") return value;
    // Takes what RFC 5646 section 2.1 calls well-formed.
    if (typeof value === "string") return new Intl.Locale(value).toString();
  } catch {
    // Not a tag: the sentence below says what it should be.
  }
  throw invalid(DEVELOPMENT && '`locale` must be a language tag such as "pt-BR", or "auto".');
}

function parseMessages(value: unknown = {}): Texts {
  const texts = parseTexts(value, FROM_PAGE);
  if (texts && Object.keys(texts).every(isInputCode)) return texts;
  throw invalid(
    DEVELOPMENT && "`messages` must hold texts of at most 200 characters by codes of blame input.",
  );
}

export function invalid(message: string | false): CardsealError {
  return new CardsealError("options_invalid", { message });
}
