// The HTTP interface of the test vault, both listeners' in one: from a Request to a Response. It decides nothing.

import { randomBytes } from "node:crypto";
import { asked, type ContextRequest, exposed, LIFE } from "./context.js";
import type { Keys } from "./keys.js";
import { type AnswerCode, problemOf, Refusal } from "./problem.js";
import { Store, type StoredCard } from "./store.js";
import { Cut, Tokenizer } from "./tokenize.js";

/** Whom the vault knows. */
export interface Account {
  readonly merchant: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly origins: readonly string[];
}

/** What the next calls shall come to. */
export interface Failing {
  readonly code: AnswerCode | "network_failed";
  readonly call: string | undefined;
  readonly seconds: number | undefined;
  times: number;
}

const SCOPES = ["capture:create", "tokens:read", "tokens:reveal", "tokens:delete"];
const ACCESS_SECONDS = 900;
const MOST_BYTES = 32 * 1024;

type Handler = (request: Request, id: string) => Response | Promise<Response>;

export class Router {
  readonly store = new Store();
  /** Bodies of the requests for contexts that were granted. */
  readonly contexts: ContextRequest[] = [];
  readonly failing: Failing[] = [];
  /** Access tokens, what they are for, and until when. */
  readonly #access = new Map<string, { readonly scopes: readonly string[]; readonly until: number }>();
  readonly #tokenizer: Tokenizer;

  constructor(
    readonly keys: Keys,
    private readonly account: Account,
    readonly origin: () => string,
    private readonly now: () => number,
  ) {
    this.#tokenizer = new Tokenizer(keys, this.store, origin, now);
  }

  /** The answer; throws `Cut` where the connection breaks. */
  async answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const response = await this.#route(request, pathname).catch((thrown: unknown) => {
      if (thrown instanceof Refusal) return problemOf(thrown, pathname === "/oauth/token");
      throw thrown;
    });
    const page = request.headers.get("origin");
    if (pathname === "/v1/tokens" && page !== null && this.account.origins.includes(page)) {
      // A page that captures directly reads it.
      response.headers.set("Access-Control-Allow-Origin", page);
      response.headers.set("Access-Control-Expose-Headers", "idempotent-replayed, retry-after");
    }
    return response;
  }

  async #route(request: Request, pathname: string): Promise<Response> {
    this.#fail(`${request.method} ${pathname}`);
    const [, id = "", reveal] = /^\/v1\/tokens\/([^/]+)(\/reveal)?$/.exec(pathname) ?? [];
    const methods = this.#routes[id ? `/v1/tokens/{id}${reveal ?? ""}` : pathname];
    if (!methods) throw new Refusal("not_found");
    const handler = methods[request.method];
    if (!handler) throw new Refusal("method_not_allowed");
    // A token has nothing to decode; any other text is none.
    return handler(request, id);
  }

  readonly #routes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
    "/oauth/token": { POST: (request) => this.#grant(request) },
    "/v1/capture-contexts": { POST: (request) => this.#createContext(request) },
    "/v1/tokens": {
      POST: (request) => this.#tokenize(request),
      GET: (request) => this.#list(request),
      OPTIONS: (request) => this.#allow(request),
    },
    "/v1/tokens/{id}": {
      GET: (request, id) => {
        this.#admit(request, "tokens:read");
        return json(200, metadataOf(this.#find(id)));
      },
      DELETE: (request, id) => {
        this.#admit(request, "tokens:delete");
        this.store.delete(this.#find(id).id);
        return new Response(null, { status: 204 });
      },
    },
    "/v1/tokens/{id}/reveal": { POST: (request, id) => this.#reveal(request, id) },
    "/.well-known/jwks.json": {
      GET: () => {
        const { signing, capture } = this.keys.published;
        const headers = { "Content-Type": "application/jwk-set+json", "Access-Control-Allow-Origin": "*" };
        return new Response(JSON.stringify({ keys: [signing, capture] }), { headers });
      },
    },
  };

  #fail(call: string): void {
    const at = this.failing.findIndex((of) => of.call === undefined || of.call === call);
    const failing = this.failing[at];
    if (!failing) return;
    failing.times -= 1;
    if (failing.times === 0) this.failing.splice(at, 1);
    if (failing.code === "network_failed") throw new Cut();
    throw new Refusal(failing.code, undefined, failing.seconds);
  }

  async #grant(request: Request): Promise<Response> {
    const form = new URLSearchParams(await bodyOf(request, "application/x-www-form-urlencoded"));
    // RFC 6749 section 2.3.1: id and secret are form-encoded first.
    const [scheme, pair = ""] = (request.headers.get("authorization") ?? "").split(" ");
    const given = Buffer.from(pair, "base64").toString().split(":");
    const named = given.map((text) => new URLSearchParams(`=${text}`).get("")).join(":");
    const { clientId, clientSecret } = this.account;
    const known = scheme?.toLowerCase() === "basic" && named === `${clientId}:${clientSecret}`;
    if (!known) throw new Refusal("client_invalid");
    if (form.get("grant_type") !== "client_credentials") throw new Refusal("grant_invalid");
    const scope = form.get("scope") || SCOPES.join(" ");
    if (!scope.split(" ").every((of) => SCOPES.includes(of))) throw new Refusal("scope_invalid");
    const token = randomBytes(24).toString("base64url");
    this.#access.set(token, { scopes: scope.split(" "), until: this.now() + ACCESS_SECONDS });
    return json(200, { access_token: token, token_type: "Bearer", expires_in: ACCESS_SECONDS, scope });
  }

  #admit(request: Request, scope: string): void {
    const [scheme, token = ""] = (request.headers.get("authorization") ?? "").split(" ");
    const access = scheme?.toLowerCase() === "bearer" ? this.#access.get(token) : undefined;
    if (!access || this.now() >= access.until) throw new Refusal("access_token_invalid");
    if (!access.scopes.includes(scope)) throw new Refusal("scope_missing");
  }

  async #createContext(request: Request): Promise<Response> {
    this.#admit(request, "capture:create");
    const text = await bodyOf(request, "application/json");
    const body = objectOf(text);
    const key = keyOf(request);
    const answers = `context ${key}`;
    const earlier = key === undefined ? undefined : this.store.answers.get(answers);
    if (earlier && earlier.sameness !== text) throw new Refusal("idempotency_key_reused");
    if (earlier) return replayed(json(201, earlier.body));
    const claims = asked(body, this.account.origins, (token) => this.#find(String(token), true));
    const iat = this.now();
    const { kid, alg, use, kty, n, e } = this.keys.published.capture;
    const context = await this.keys.sign({
      iss: this.origin(),
      aud: "cardseal-capture",
      sub: this.account.merchant,
      jti: randomBytes(16).toString("base64url"),
      iat,
      exp: iat + LIFE,
      mode: "test",
      key: { kty, use, alg, kid, n, e },
      expose: exposed(body),
      ...claims,
    });
    this.contexts.push(body);
    const answer = JSON.stringify({ context, expires_at: iat + LIFE });
    if (key !== undefined) this.store.answers.set(answers, { sameness: text, body: answer });
    return json(201, answer);
  }

  async #tokenize(request: Request): Promise<Response> {
    const { context, sealed_card, ...more } = objectOf(await bodyOf(request, "application/json"));
    const whole = typeof context === "string" && typeof sealed_card === "string";
    if (!whole || Object.keys(more).length > 0) throw new Refusal("body_malformed");
    const key = keyOf(request);
    if (key === undefined) throw new Refusal("idempotency_key_invalid");
    const origin = request.headers.get("origin");
    const { body, replayed: again } = await this.#tokenizer.tokenize({ context, sealed_card, key, origin });
    return again ? replayed(json(201, body)) : json(201, body);
  }

  /** CORS preflight of a page that captures directly. */
  #allow(request: Request): Response {
    const origin = request.headers.get("origin") ?? "";
    if (!this.account.origins.includes(origin)) throw new Refusal("origin_not_allowed");
    const headers = {
      "Access-Control-Allow-Methods": "POST",
      "Access-Control-Allow-Headers": "content-type, idempotency-key",
    };
    return new Response(null, { status: 204, headers });
  }

  #list(request: Request): Response {
    this.#admit(request, "tokens:read");
    const pairs = [...new URL(request.url).searchParams];
    const [[name, ref] = []] = pairs;
    if (pairs.length !== 1 || name !== "ref" || !ref) {
      throw new Refusal("options_invalid", "The address must have exactly one parameter, ref.");
    }
    const cards = [...this.store.cards.values()].filter((card) => card.ref === ref).reverse();
    return json(200, { object: "list", tokens: cards.slice(0, 100).map(metadataOf) });
  }

  async #reveal(request: Request, id: string): Promise<Response> {
    this.#admit(request, "tokens:reveal");
    const { reason, ...more } = objectOf(await bodyOf(request, "application/json"));
    if (typeof reason !== "string" || Object.keys(more).length > 0) throw new Refusal("body_malformed");
    const plain = reason.trim() !== "" && [...reason].length <= 200 && !/\p{Cc}/u.test(reason);
    if (!plain || /(\d\P{L}*){12}/u.test(reason)) {
      throw new Refusal("options_invalid", "reason must be 1 to 200 characters that hold no card number.");
    }
    const { number, expMonth: exp_month, expYear: exp_year, name, postalCode: postal_code } = this.#find(id);
    return json(200, { number, exp_month, exp_year, name, postal_code });
  }

  #find(id: string, named = false): StoredCard {
    const card = this.store.cards.get(id);
    if (card) return card;
    throw new Refusal("not_found", named ? "token names no token of this merchant." : undefined);
  }
}

function metadataOf(card: StoredCard): object {
  const { id, brand, number, last4, expMonth, expYear, cvc, ref, createdAt, review } = card;
  const bin = number.length >= 16 ? number.slice(0, 8) : number.length >= 14 ? number.slice(0, 6) : undefined;
  return {
    id,
    object: "token",
    brand,
    bin,
    last4,
    exp_month: expMonth,
    exp_year: expYear,
    cvc: cvc === undefined ? undefined : "held",
    ref,
    mode: "test",
    created_at: createdAt,
    review,
  };
}

/** The text of a body of this media type. */
async function bodyOf(request: Request, type: string): Promise<string> {
  const [given, ...parameters] = (request.headers.get("content-type") ?? "").toLowerCase().split(/\s*;\s*/);
  const utf8 = parameters.every((parameter) => parameter === "charset=utf-8");
  if (given !== type || !utf8) throw new Refusal("unsupported_media_type");
  const text = await request.text();
  if (Buffer.byteLength(text) > MOST_BYTES) throw new Refusal("body_too_large");
  return text;
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as ContextRequest;
  } catch {
    // As wrong as any other that is no object.
  }
  throw new Refusal("body_malformed");
}

function keyOf(request: Request): string | undefined {
  const key = request.headers.get("idempotency-key");
  if (key === null) return undefined;
  if (!/^[!-~]{1,255}$/.test(key)) throw new Refusal("idempotency_key_invalid");
  return key;
}

function json(status: number, body: string | object): Response {
  const headers = { "Content-Type": "application/json", "Cache-Control": "no-store" };
  return new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers });
}

function replayed(response: Response): Response {
  response.headers.set("Idempotent-Replayed", "true");
  return response;
}
