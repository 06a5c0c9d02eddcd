// Parses what the page's developer passed in. A message says which option is wrong and what it should be, never its value.

import type { Declaration } from "../bridge-style.js";
import { CardsealError, type InputCode, isInputCode } from "../errors.js";
import { type FieldSettings, parseFieldSettings } from "../messages.js";
import { DEVELOPMENT } from "../sentences.js";
import { FROM_PAGE, parseTexts, type Texts } from "../texts.js";
import { type Appearance, parseStyle, parseTheme, type Style, type Theme } from "./style.js";

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
  readonly locale?: string | undefined;
  /**
   * What the cardholder reads instead of the fields' own sentences, by the code of the error: text of at most 200
   * characters without line breaks, in the language that you show.
   */
  readonly messages?: { readonly [Code in InputCode]?: string } | undefined;
  /** How fields look before any style; `"auto"` if left out. */
  readonly theme?: Theme | undefined;
  /** The style of every field. */
  readonly style?: Style | undefined;
}

/** What mount() and update() take for one field; of update(), what is left out stays as it is. */
export interface FieldOptions {
  /**
   * The label in the frame, at most 100 characters; in the cardholder's language if left out. With `""` none is seen, for
   * a page that has its own: a `<label>` around the field, or one `for` the id of the element that it is mounted into.
   */
  readonly label?: string | undefined;
  /**
   * The element, or its selector, that names the field in the page. No label is seen in the frame then; assistive
   * technology gets this one's text, or `label`. A click on it moves the focus into the field.
   */
  readonly labelledBy?: string | Element | undefined;
  /** What an empty field shows, at most 100 characters. */
  readonly placeholder?: string | undefined;
  /** The field cannot be typed into or focused. What it holds still counts. */
  readonly disabled?: boolean | undefined;
  /**
   * Moves the focus to the next mounted field of the page when typing has completed this one; of number, expiry and
   * cvc only. False if left out: a focus that moves by itself is in the way of whoever uses a screen reader.
   */
  readonly advance?: boolean | undefined;
  /** The field's own style, over that of the form. */
  readonly style?: Style | undefined;
}

/** What tokenize() takes. */
export interface TokenizeOptions {
  /** Ends the call with the code `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** The same, parsed. */
export interface ParsedFieldOptions {
  readonly labelledBy: Element | undefined;
  readonly settings: FieldSettings;
  readonly style: readonly Declaration[] | undefined;
}

/** The same, parsed. */
export interface Settings {
  readonly vault: string;
  readonly context: () => unknown;
  readonly merchant: string | undefined;
  readonly timeout: number;
  /** A tag, or `auto`. */
  readonly locale: string;
  readonly messages: Texts;
  /** May change in the life of a form. */
  readonly appearance: Appearance;
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
    locale: parseLocale(given.get("locale") ?? "auto"),
    messages: parseMessages(given.get("messages") ?? {}),
    appearance: { theme: parseTheme(given.get("theme")), style: parseStyle(given.get("style")) },
  };
}

export function parseFieldOptions(options: unknown): ParsedFieldOptions {
  const given = new Map<string, unknown>(Object.entries(options ?? {}));
  const take = (name: string): unknown => {
    const value = given.get(name);
    given.delete(name);
    return value;
  };
  const named = take("labelledBy");
  const labelledBy = named === undefined ? undefined : parseTarget(named);
  const name = labelledBy?.textContent
    ?.replace(/[\s\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, " ")
    .trim()
    .slice(0, 100);
  const styled = take("style");
  const style = styled === undefined ? undefined : parseStyle(styled);
  const label = take("label");
  const labelled = labelledBy ? true : label === undefined ? undefined : label === "";
  const settings = parseFieldSettings((of) => {
    if (of === "labelled") return labelled;
    return of === "label" ? label || name : take(of);
  });
  if (settings && given.size === 0 && typeof (options ?? {}) === "object")
    return { labelledBy, settings, style };
  throw invalid(
    DEVELOPMENT &&
      "A field takes { label, placeholder: at most 100 characters; disabled, advance: true or false; style; labelledBy: an element or a selector }.",
  );
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

const ORIGIN = /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$))/;

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

function parseVault(value: unknown): string {
  try {
    const { href, origin } = new URL(String(value));
    if (href === `${origin}/` && ORIGIN.test(origin)) return origin;
  } catch {
    // Not a URL: the sentence below says what it should be.
  }
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

function parseLocale(value: unknown): string {
  try {
    if (value === "auto") return value;
    // Takes what RFC 5646 section 2.1 calls well-formed.
    if (typeof value === "string") return new Intl.Locale(value).toString();
  } catch {
    // Not a tag: the sentence below says what it should be.
  }
  throw invalid(DEVELOPMENT && '`locale` must be a language tag such as "pt-BR", or "auto".');
}

function parseMessages(value: unknown): Texts {
  const texts = parseTexts(value, FROM_PAGE);
  if (texts && Object.keys(texts).every(isInputCode)) return texts;
  throw invalid(
    DEVELOPMENT && "`messages` must hold texts of at most 200 characters by codes of blame input.",
  );
}

function invalid(message: string | false): CardsealError {
  return new CardsealError("options_invalid", { message });
}
