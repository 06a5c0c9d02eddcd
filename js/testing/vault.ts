// A vault for unit tests, within the test's own process: it answers the HTTP interface as the vault does, opens what was
// sealed and shows it. It must never be given a real card: it keeps in clear all that it gets.

import type { Server } from "node:http";
import type { Brand } from "../brands.js";
import type { BackendCode, Code } from "../errors.js";
import { VaultError } from "../server/error.js";
import { TEST_CARDS, type TestCard } from "./cards.js";
import { Keys, seal } from "./fake/keys.js";
import { close, listen } from "./fake/listen.js";
import { isAnswer } from "./fake/problem.js";
import { Router } from "./fake/router.js";
import { Cut } from "./fake/tokenize.js";

export { TEST_CARDS, type TestCard } from "./cards.js";
export { type DeclineCode, MAGIC_CARDS, type MagicCard } from "./magic.js";

/** What createTestVault() takes. */
export interface TestVaultOptions {
  /** Origins of the shop's pages; `["http://localhost:3000"]` if left out. */
  readonly origins?: readonly string[];
  /** The time in Unix seconds; the machine's if left out. */
  readonly now?: () => number;
}

/** A card that was captured. */
export interface CapturedCard {
  /** The token. */
  readonly id: string;
  readonly brand: Brand;
  readonly number: string;
  readonly last4: string;
  /** 1 to 12. */
  readonly expMonth: number;
  /** Four digits. */
  readonly expYear: number;
  readonly cvc?: string;
  readonly name?: string;
  readonly postalCode?: string;
  /** The order id that its context was asked for. */
  readonly ref?: string;
  /** Of the page that it was typed in. */
  readonly origin: string;
}

/** What makes the next calls fail. */
export interface FailOptions {
  /** Method and path, such as `"POST /v1/capture-contexts"`; the next call, whichever it is, if left out. */
  readonly call?: string;
  /** How many calls; 1 if left out. */
  readonly times?: number;
  /** What `Retry-After` says, in seconds; 1 if left out. */
  readonly retryAfter?: number;
}

/** A token, as a page gets it. */
export interface MadeToken {
  readonly id: string;
  readonly brand: Brand;
  readonly last4: string;
  readonly ref?: string;
}

/** A vault for one test, or for one test file with a `reset()` in between. */
export interface TestVault {
  /** Where it is; `https://vault.test` until it listens. Both of a vault's listeners are there. */
  readonly origin: string;
  /** For createVaultClient(): address, credentials and a `fetch` that needs no network. */
  readonly client: {
    readonly api: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly fetch: typeof fetch;
  };
  /** Asks the vault, listening or not, whatever the address's origin. */
  readonly fetch: typeof fetch;
  /** Cards that have their token, in the order in which they were captured. */
  readonly captured: readonly CapturedCard[];
  /** What was asked for in each request that got a capture context, in the words of the wire. */
  readonly contexts: readonly Readonly<Record<string, unknown>>[];
  /**
   * What the fields do for a shopper: seals a card for a context, sends it and gives the token. `TEST_CARDS.visa` if left out;
   * for a context of a security code alone only the card's `cvc` counts. Rejects with a `VaultError`.
   */
  tokenize(context: string, card?: TestCard): Promise<MadeToken>;
  /**
   * Lets the next call fail: with a code that the vault answers with, or `"network_failed"`, by which the connection breaks.
   * Throws a `VaultError` `options_invalid` for any other.
   */
  fail(code: Code | BackendCode, options?: FailOptions): void;
  /** Forgets cards, contexts and failures to come. Keys, credentials and access tokens stay. */
  reset(): void;
  /** Listens on 127.0.0.1, on any free port if none is given, and gives its origin. Contexts made before are another's. */
  listen(port?: number): Promise<string>;
  /** Listens no more. */
  close(): Promise<void>;
}

/** Makes a vault with keys of its own. It takes as long as a key of 2048 bits, some tenths of a second. */
export async function createTestVault(options: TestVaultOptions = {}): Promise<TestVault> {
  const { origins = ["http://localhost:3000"], now = () => Math.floor(Date.now() / 1000) } = options;
  let origin = "https://vault.test";
  let server: Server | undefined;
  const account = { merchant: "test", clientId: "test-backend", clientSecret: crypto.randomUUID(), origins };
  const router = new Router(await Keys.make(), account, () => origin, now);

  const ask: typeof fetch = async (address, init) => {
    const request = new Request(address, init);
    request.signal.throwIfAborted();
    const answer = router.answer(request);
    const aborted = new Promise<never>((_, reject) => {
      request.signal.addEventListener("abort", () => reject(request.signal.reason), { once: true });
    });
    return Promise.race([answer, aborted]).catch((thrown: unknown) => {
      // As a fetch fails.
      throw thrown instanceof Cut ? new TypeError("fetch failed") : thrown;
    });
  };

  return {
    get origin() {
      return origin;
    },
    get client() {
      const { clientId, clientSecret } = account;
      return { api: origin, clientId, clientSecret, fetch: ask };
    },
    fetch: ask,
    get captured() {
      return [...router.store.cards.values()].map(shown);
    },
    get contexts() {
      return [...router.contexts];
    },
    async tokenize(context, card = TEST_CARDS.visa) {
      const body = JSON.stringify({ context, sealed_card: await seal(plaintextOf(card, context), context) });
      const headers = { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() };
      const response = await ask(`${origin}/v1/tokens`, { method: "POST", headers, body });
      const { code, detail, object: _, ...token } = await response.json();
      if (!response.ok) throw new VaultError(code, detail, { status: response.status });
      return token as MadeToken;
    },
    fail(code, { call, times = 1, retryAfter } = {}) {
      if (code !== "network_failed" && !isAnswer(code)) {
        throw new VaultError("options_invalid", "This is no code that the vault answers with.");
      }
      router.failing.push({ code, call, times, seconds: retryAfter });
    },
    reset() {
      router.store.clear();
      router.contexts.length = 0;
      router.failing.length = 0;
    },
    async listen(port = 0) {
      if (server) return origin;
      const listening = await listen((request) => router.answer(request), port);
      server = listening.server;
      origin = listening.origin;
      return origin;
    },
    async close() {
      if (server) await close(server);
      server = undefined;
    },
  };
}

/** What the fields seal of a card. */
function plaintextOf(card: TestCard, context: string): object {
  const { number, expiry = "1239", cvc, name, postalCode } = card;
  const claims = JSON.parse(Buffer.from(context.split(".")[1] ?? "", "base64url").toString());
  if (claims.kind === "cvc") return { v: 1, kind: "cvc", cvc };
  const exp_month = Number(expiry.slice(0, 2));
  const exp_year = 2000 + Number(expiry.slice(-2));
  return { v: 1, kind: "card", number, exp_month, exp_year, cvc, name, postal_code: postalCode };
}

function shown(card: CapturedCard): CapturedCard {
  const { id, brand, number, last4, expMonth, expYear, cvc, name, postalCode, ref, origin } = card;
  return {
    id,
    brand,
    number,
    last4,
    expMonth,
    expYear,
    ...(cvc !== undefined && { cvc }),
    ...(name !== undefined && { name }),
    ...(postalCode !== undefined && { postalCode }),
    ...(ref !== undefined && { ref }),
    origin,
  };
}
