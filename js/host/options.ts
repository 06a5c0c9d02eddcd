// Parses what the page's developer passed in. A message says which option is wrong and what it should be, never its value.

import { CardsealError } from "../errors.js";

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
}

/** The same, parsed. */
export interface Settings {
  readonly vault: string;
  readonly context: () => unknown;
  readonly merchant: string | undefined;
  readonly timeout: number;
}

export function parseOptions(options: unknown): Settings {
  const given = new Map<string, unknown>(Object.entries(options ?? {}));
  if (typeof options !== "object" || [...given.keys()].some((name) => !NAMES.includes(name))) {
    throw invalid(`createFields() takes { ${NAMES.join(", ")} }.`);
  }
  return {
    vault: parseVault(given.get("vault")),
    context: parseContext(given.get("context")),
    merchant: parseMerchantOption(given.get("merchant")),
    timeout: parseTimeout(given.get("timeout") ?? 30_000),
  };
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
  throw invalid("mount() takes an element or a CSS selector.");
}

/** What tokenize() was given to be stopped by: an AbortSignal, of this realm or another. */
export function parseSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  const fits = signal === undefined || ("aborted" in signal && "removeEventListener" in signal);
  if (fits) return signal;
  throw invalid("`signal` must be an AbortSignal.");
}

const ORIGIN = /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$))/;

const NAMES: readonly string[] = ["vault", "context", "merchant", "timeout"] satisfies (keyof Options)[];

function parseVault(value: unknown): string {
  try {
    const { href, origin } = new URL(String(value));
    if (href === `${origin}/` && ORIGIN.test(origin)) return origin;
  } catch {
    // Not a URL: the sentence below says what it should be.
  }
  throw invalid("`vault` must be an https origin (http on localhost only).");
}

function parseContext(value: unknown): () => unknown {
  if (typeof value === "function") return () => value() as unknown;
  throw invalid("`context` must be a function.");
}

function parseMerchantOption(value: unknown): string | undefined {
  const merchant = parseMerchant(value);
  if (value === undefined || merchant) return merchant;
  throw invalid("`merchant` must be 1 to 64 letters, digits, _ or -.");
}

function parseTimeout(value: unknown): number {
  if (typeof value === "number" && value > 0 && value <= 600_000) return value;
  throw invalid("`timeout` must be milliseconds, at most 600000.");
}

function invalid(message: string): CardsealError {
  return new CardsealError("options_invalid", { message });
}
