// The calls of the vault's API that a merchant's backend needs, typed. None of them gives a card in clear: what has to
// be paid goes from vault to processor.

import type { Brand } from "../brands.js";
import type { FieldName } from "../messages.js";
import { Access, type Client } from "./access.js";
import { call, type Request, type Route } from "./call.js";
import { VaultError } from "./error.js";

/** What createVaultClient() takes. */
export interface VaultClientOptions extends Client {
  /** The origin of the vault's API listener, such as `"https://api.vault.example"`. `http` for the loopback host only. */
  readonly api: string;
  /** Milliseconds that one call may take, with everything that is tried again; 10 000 if left out. */
  readonly timeout?: number | undefined;
  /** Used instead of the global `fetch`: one with a client certificate, say. */
  readonly fetch?: typeof fetch | undefined;
}

/** An amount of money. */
export interface Amount {
  /** In the currency's minor unit: 0 to 999 999 999 999. */
  readonly value: number;
  /** ISO 4217. */
  readonly currency: string;
}

/** What captureContext() takes; docs/protocol.md section 3 has every rule. */
export interface CaptureContextRequest {
  /** Origins of the pages that may capture, at most 20, each registered for the merchant; none for a program in direct mode. */
  readonly origins: readonly string[];
  /**
   * How the card is captured: `"fields"`, if left out, or `"direct"`, by `cardseal/direct`, where the vault's operator allows
   * that to the merchant.
   */
  readonly via?: "fields" | "direct" | undefined;
  /** What the page may see while the card is typed; `["brand"]` if left out, as far as the merchant's record allows. */
  readonly expose?: readonly ("brand" | "bin")[] | undefined;
  /** Brands and networks that are accepted; all that the merchant accepts if left out. */
  readonly brands?: readonly Brand[] | undefined;
  /** Leading digits of cards that are accepted, 1 to 6 each; all if left out. */
  readonly bins?: readonly string[] | undefined;
  /** Leading digits of cards that are not, 1 to 8 each. */
  readonly denyBins?: readonly string[] | undefined;
  /** How an accepted card is paid; in any way if left out. */
  readonly funding?: readonly ("credit" | "debit" | "prepaid" | "charge")[] | undefined;
  /** Where an accepted card was issued, ISO 3166-1 alpha-2; anywhere if left out. */
  readonly countries?: readonly string[] | undefined;
  /** Where a card that is not accepted was issued. */
  readonly denyCountries?: readonly string[] | undefined;
  /** Fields that must be filled in; number, expiry and cvc if left out. The expiry is one, also where month and year are apart. */
  readonly fields?: readonly Exclude<FieldName, "month" | "year">[] | undefined;
  /** `"cvc"` for the security code alone of the card that `token` stands for. */
  readonly kind?: "card" | "cvc" | undefined;
  readonly token?: string | undefined;
  /** Your order id, 1 to 200 bytes; it comes back with the token. */
  readonly ref?: string | undefined;
  /** What is to be paid. It stays in the vault, whose rules judge cards by it; so does the next. */
  readonly amount?: Amount | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly shippingCountry?: string | undefined;
}

/** What the vault gives for one card to be captured. */
export interface CaptureContext {
  /** For the page, unchanged. Whoever has it can make one token with it: it is a secret between you and your shopper. */
  readonly context: string;
  /** Unix seconds. */
  readonly expiresAt: number;
}

/** What is known of a token, without the number. */
export interface StoredToken {
  readonly id: string;
  readonly brand: Brand;
  /** The leading digits: eight of a number of 16 digits and more, six of one of 14 and 15, of a shorter one none. */
  readonly bin?: string;
  readonly last4: string;
  /** Of a co-badged card: the network that the cardholder chose, or the only one that the context accepted. */
  readonly network?: Brand;
  /** 1 to 12. */
  readonly expMonth: number;
  /** Four digits. */
  readonly expYear: number;
  /** What has become of the security code, where one was captured. */
  readonly cvc?: "held" | "spent" | "lost";
  readonly ref?: string;
  /** Equal for two tokens that are the same card; for a client with the scope `tokens:fingerprint`. */
  readonly fingerprint?: string;
  readonly mode: "test" | "live";
  /** Unix seconds. */
  readonly createdAt: number;
  /** Why to look at the order before taking the money; mostly empty. */
  readonly review: readonly string[];
}

/** Which tokens: those of an order, or those of one card. */
export type TokenQuery = { readonly ref: string } | { readonly fingerprint: string };

/** One client of one vault. Make one and keep it: it holds the access token. */
export interface VaultClient {
  /**
   * A fresh capture context for your page; scope `capture:create`. It is made once however often the call has to be sent.
   * Under an `idempotencyKey` of your own, 1 to 255 visible ASCII characters, once for all calls with the same request.
   */
  captureContext(
    request: CaptureContextRequest,
    options?: { readonly idempotencyKey?: string },
  ): Promise<CaptureContext>;
  /** What is known of a token; scope `tokens:read`. Rejects with `not_found` if there is none. */
  token(id: string): Promise<StoredToken>;
  /** The tokens of an order or a card, the newest first, at most 100; scope `tokens:read`. */
  tokens(query: TokenQuery): Promise<readonly StoredToken[]>;
  /** Deletes a card and its token; scope `tokens:delete`. One that is gone already is no error. */
  deleteToken(id: string): Promise<void>;
}

/**
 * A client of the vault's API, for a backend: Node 20 or newer, or any runtime with `fetch`. It connects when it is used.
 *
 * Throws a `VaultError` `options_invalid` if an option is not what it has to be.
 */
export function createVaultClient(options: VaultClientOptions): VaultClient {
  const route: Route = {
    api: parseApi(options.api),
    timeout: options.timeout ?? 10_000,
    fetch: options.fetch ?? ((...request) => fetch(...request)),
  };
  if (!options.clientId) throw invalid("clientId is missing.");
  if (!(route.timeout > 0 && route.timeout <= 600_000)) throw invalid("timeout is not 1 to 600 000.");
  const access = new Access(route, options);

  const ask = async (
    request: Omit<Request, "headers">,
    headers: Request["headers"] = {},
  ): Promise<unknown> => {
    const attempt = async (token: string): Promise<unknown> =>
      call(route, { ...request, headers: { ...headers, Authorization: `Bearer ${token}` } });
    const token = await access.token();
    try {
      return await attempt(token);
    } catch (error) {
      if (!(error instanceof VaultError) || error.code !== "access_token_invalid") throw error;
      // The vault's keys or the client's scopes have changed: a new one may do.
      access.drop(token);
      return attempt(await access.token());
    }
  };

  return {
    async captureContext(request, { idempotencyKey = crypto.randomUUID() } = {}) {
      const answer = await ask(
        { method: "POST", path: "/v1/capture-contexts", body: JSON.stringify(toWire(request)) },
        { "Content-Type": "application/json", "Idempotency-Key": idempotencyKey },
      );
      return fromWire(answer) as CaptureContext;
    },
    async token(id) {
      return fromWire(await ask({ method: "GET", path: pathOf(id) })) as StoredToken;
    },
    async tokens(query) {
      const answer = await ask({ method: "GET", path: `/v1/tokens?${new URLSearchParams({ ...query })}` });
      return (fromWire(answer) as { tokens: unknown[] }).tokens.map(
        (token) => fromWire(token) as StoredToken,
      );
    },
    async deleteToken(id) {
      try {
        await ask({ method: "DELETE", path: pathOf(id) });
      } catch (error) {
        // A first try may have deleted it although its answer was lost.
        if (!(error instanceof VaultError) || error.code !== "not_found") throw error;
      }
    },
  };
}

function parseApi(api: string): string {
  const url = URL.canParse(api) ? new URL(api) : undefined;
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url?.hostname ?? "");
  if (url?.pathname !== "/" || url.search || url.hash || url.username) {
    throw invalid('api is no origin, such as "https://api.vault.example".');
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback)) {
    throw invalid("api is not https.");
  }
  return url.origin;
}

function invalid(message: string): VaultError {
  return new VaultError("options_invalid", message);
}

/** `.` and `..` would be another path. */
function pathOf(id: string): string {
  if (!/[^.]/.test(id)) throw new VaultError("not_found", "This is no token.");
  return `/v1/tokens/${encodeURIComponent(id)}`;
}

function toWire(request: object): object {
  return renamed(request, (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

function fromWire(answer: unknown): unknown {
  if (typeof answer !== "object" || answer === null) {
    throw new VaultError("response_malformed", "The vault's answer has no body.");
  }
  return renamed(answer, (name) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
}

function renamed(members: object, name: (name: string) => string): object {
  return Object.fromEntries(Object.entries(members).map(([key, value]) => [name(key), value]));
}
