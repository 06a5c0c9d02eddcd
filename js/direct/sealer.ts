// Direct mode: verifies a capture context, seals a card for it and sends what was sealed. No error holds a value of a card,
// and nothing is kept of one.

import { CardsealError, refuse } from "../errors.js";
import { membersOf } from "../members.js";
import type { Token } from "../messages.js";
import { parseOrigin } from "../origin.js";
import { keysOf, Verifier } from "../seal/context.js";
import { Failure } from "../seal/failure.js";
import { postToken, WORLD } from "../seal/tokenize.js";
import { type Card, parseCard, type SecurityCode, sealCard } from "./card.js";
import { dropCore, startCore } from "./core.js";

/** What createSealer() takes. */
export interface SealerOptions {
  /**
   * The origin for browsers of the vault whose contexts are taken, such as `"https://vault.example"`. `http` for the loopback
   * host only.
   */
  readonly vault: string;
  /**
   * The vault's public keys, as its `/.well-known/jwks.json` has them. If left out they are fetched from there, and once more
   * for a context whose key is not among them.
   */
  readonly keys?: { readonly keys: readonly object[] } | undefined;
  /** Used instead of the global `fetch`, to reach the vault. */
  readonly fetch?: typeof fetch | undefined;
}

/** A sealed card, as plain data: it can be sent on as JSON, and be tokenized where it arrives. */
export interface SealedCard {
  /** The capture context, as it was given. */
  readonly context: string;
  /** The sealed card, a compact JWE. */
  readonly sealedCard: string;
  /** The `Idempotency-Key` to send both with, however often: they make one token. */
  readonly idempotencyKey: string;
}

/** Seals cards for the contexts of one vault. Make one and keep it. */
export interface Sealer {
  /** Loads the engine and the keys and verifies a context ahead of time, if one is given; rejects as seal() would. */
  prepare(context?: string): Promise<void>;
  /**
   * Seals a card for a context of `via: "direct"`, or the security code for one of kind `"cvc"`.
   *
   * Rejects with a `CardsealError`: `blame` `"input"` for what is wrong with the card, `"misuse"` for the context or the call.
   */
  seal(context: string, card: Card | SecurityCode): Promise<SealedCard>;
  /**
   * Sends a sealed card to the vault. Network failure, 429 and 503 are tried again, up to 4 tries within about a minute. A
   * call with the same sealed card never makes a second token, however the first one ended.
   */
  tokenize(sealed: SealedCard, options?: { readonly signal?: AbortSignal | undefined }): Promise<Token>;
}

/**
 * A sealer for your own inputs in a page, or for a program. Card data is then in your page or program: see docs/direct.md for
 * what that means under PCI DSS. It loads nothing before it is used.
 *
 * Throws a `CardsealError` `options_invalid` if an option is not what it has to be.
 */
export function createSealer(options: SealerOptions): Sealer {
  const { vault, keys, ask } = parseOptions(options);
  const verifier = new Verifier(keys ? async () => keys : keysOf(vault, ask));
  const world = { ...WORLD, fetch: (path: string, request: RequestInit) => ask(vault + path, request) };
  let latest: Arrived | undefined;

  const arrive = (context: unknown): Arrived => {
    if (typeof context !== "string") throw new Failure("context_malformed");
    if (latest?.context !== context) {
      latest = { context, at: performance.now(), payload: verifier.verify(context) };
      // The next call asks again, as what failed may have been the network.
      latest.payload.catch(() => {
        if (latest?.context === context) latest = undefined;
      });
    }
    return latest;
  };

  return {
    prepare: (context) =>
      asCardsealError(async () => {
        checkSecure();
        const arrived = context === undefined ? undefined : arrive(context);
        if (!arrived) verifier.prepare();
        await Promise.all([startCore(), arrived?.payload]);
      }),
    seal: (context, card) =>
      asCardsealError(async () => {
        checkSecure();
        const typed = parseCard(card);
        const { at, payload } = arrive(context);
        const [core, claims] = await Promise.all([startCore(), payload]);
        const page: string | undefined = globalThis.origin;
        const { issuedAt, expiresAt } = core.accept(claims, vault, "", page ?? vault);
        // A shopper's clock may be wrong, so that time is the context's, plus what has passed since it came; a program's is not.
        if (page === undefined && Date.now() / 1000 >= expiresAt) throw new Failure("context_expired");
        const now = Math.floor(issuedAt + (performance.now() - at) / 1000);
        const sealedCard = sealCard(core, typed, now);
        return { context, sealedCard, idempotencyKey: crypto.randomUUID() };
      }),
    tokenize: (sealed, { signal = new AbortController().signal } = {}) =>
      asCardsealError(async () => {
        const members = membersOf(sealed);
        const [context, sealed_card, key] = ["context", "sealedCard", "idempotencyKey"].map((name) => {
          const member = members.get(name);
          if (typeof member !== "string") refuse("tokenize() takes what seal() gave.");
          return member;
        });
        if (!(signal instanceof AbortSignal)) refuse("`signal` must be an AbortSignal.");
        return postToken({ body: JSON.stringify({ context, sealed_card }), key: key ?? "" }, signal, world);
      }),
  };
}

/** A context, when it came, and its payload once its signature is verified. */
interface Arrived {
  readonly context: string;
  readonly at: number;
  readonly payload: Promise<Uint8Array>;
}

function parseOptions(options: unknown) {
  const given = membersOf(options);
  const vault = parseOrigin(given.get("vault"));
  const [keys, ask] = [given.get("keys"), given.get("fetch")];
  if ([...given.keys()].some((name) => !["vault", "keys", "fetch"].includes(name))) {
    refuse("createSealer() takes { vault, keys, fetch }.");
  }
  if (!vault) refuse("`vault` must be an https origin (http on localhost only).");
  if (keys !== undefined && !Array.isArray(membersOf(keys).get("keys"))) {
    refuse("`keys` must be what the vault's /.well-known/jwks.json has.");
  }
  if (ask !== undefined && typeof ask !== "function") refuse("`fetch` must be a function.");
  const own: typeof fetch = (...request) => fetch(...request);
  return { vault, keys, ask: ask ? (ask as typeof fetch) : own };
}

/** Only there do browsers verify signatures and let the card's bytes be sealed. */
function checkSecure(): void {
  if (!globalThis.crypto?.subtle) refuse("Direct mode needs https, or localhost.");
}

async function asCardsealError<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    if (thrown.code !== "coordinator_lost") throw new CardsealError(thrown.code);
    dropCore();
    throw new CardsealError("wasm_unavailable", { message: "The engine broke and was wiped; call again." });
  }
}
