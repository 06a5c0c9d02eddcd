/** A vault to be held to its contract, be it the sandbox or the test vault, and hands that speak HTTP and JOSE to it. */
import { randomUUID } from "node:crypto";
import { expect } from "@playwright/test";
import { CompactEncrypt, decodeJwt, importJWK, type JWK } from "jose";
import { createTestVault } from "../../../js/testing/vault.js";
import { Sandbox } from "../../e2e/sandbox.ts";

export const ORIGIN = "http://shop.localhost:4000";

/** Where a vault is and who asks it. */
export interface Place {
  /** The origin for browsers. */
  readonly vault: string;
  /** The origin for backends. */
  readonly api: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly fetch: typeof fetch;
  stop(): Promise<unknown>;
}

/** Every vault that has to keep the contract. */
export const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  "the sandbox": async () => {
    const sandbox = await Sandbox.start([ORIGIN]);
    const { vault, api, clientId, clientSecret } = sandbox;
    return { vault, api, clientId, clientSecret, fetch, stop: () => sandbox.stop() };
  },
  "the test vault": async () => {
    const vault = await createTestVault({ origins: [ORIGIN] });
    return { vault: vault.origin, ...vault.client, stop: async () => {} };
  },
  "the test vault on a port": async () => {
    const vault = await createTestVault({ origins: [ORIGIN] });
    const origin = await vault.listen();
    return { vault: origin, ...vault.client, fetch, stop: () => vault.close() };
  },
};

/** An answer, read. */
export interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Members of the protected header and of the card, over what is right. */
export interface Changes {
  readonly header?: Record<string, unknown>;
  readonly card?: Record<string, unknown>;
  /** The plaintext instead of a card's. */
  readonly plaintext?: string;
}

export class Hands {
  #access: string | undefined;

  constructor(readonly place: Place) {}

  async ask(address: string, init: RequestInit = {}): Promise<Said> {
    const response = await this.place.fetch(address, init);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? {} : JSON.parse(text),
    };
  }

  async grant(form: Record<string, string>, secret = this.place.clientSecret): Promise<Said> {
    return this.ask(`${this.place.api}/oauth/token`, {
      method: "POST",
      headers: { Authorization: `Basic ${btoa(`${this.place.clientId}:${secret}`)}` },
      body: new URLSearchParams(form),
    });
  }

  /** A call of the backend's, with everything that it may do. */
  async call(line: string, body?: unknown, headers: Record<string, string> = {}): Promise<Said> {
    this.#access ??= String((await this.grant({ grant_type: "client_credentials" })).body.access_token);
    const [method = "", path = ""] = line.split(" ");
    return this.ask(this.place.api + path, {
      method,
      headers: {
        Authorization: `Bearer ${this.#access}`,
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  }

  async context(request: Record<string, unknown> = {}): Promise<string> {
    const said = await this.call("POST /v1/capture-contexts", { origins: [ORIGIN], ...request });
    if (said.status !== 201) throw new Error(JSON.stringify(said.body));
    return String(said.body.context);
  }

  /** A card sealed by the protocol alone. */
  async seal(context: string, { header = {}, card = {}, plaintext }: Changes = {}): Promise<string> {
    const claims = decodeJwt<{ key: JWK & { kid: string }; jti: string; iat: number }>(context);
    const text =
      plaintext ??
      JSON.stringify({
        v: 1,
        kind: "card",
        number: "4242424242424242",
        exp_month: 12,
        exp_year: 2039,
        cvc: "123",
        ...card,
      });
    const padded = Buffer.alloc(Math.max(512, Buffer.byteLength(text)), " ");
    padded.write(text);
    return new CompactEncrypt(padded)
      .setProtectedHeader({
        alg: "RSA-OAEP-256",
        enc: "A256GCM",
        typ: "cardseal+jwe",
        kid: claims.key.kid,
        iat: claims.iat,
        ctx: claims.jti,
        org: ORIGIN,
        ...header,
      })
      .encrypt(await importJWK(claims.key, "RSA-OAEP-256"));
  }

  /** Sends a sealed card, as a coordinator does. */
  async send(
    context: string,
    sealed_card: string,
    key: string = randomUUID(),
    headers: Record<string, string> = {},
  ): Promise<Said> {
    return this.ask(`${this.place.vault}/v1/tokens`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": key, ...headers },
      body: JSON.stringify({ context, sealed_card }),
    });
  }

  /** Makes a token of a card. */
  async token(request: Record<string, unknown> = {}, changes: Changes = {}): Promise<Said> {
    const context = await this.context(request);
    return this.send(context, await this.seal(context, changes));
  }
}

/** A refusal is a problem document (RFC 9457) with this code. */
export function expectProblem(said: Said, status: number, code: string, what = ""): void {
  expect({ status: said.status, code: said.body.code }, what).toEqual({ status, code });
  expect(said.headers.get("content-type")).toBe("application/problem+json");
  expect(said.headers.get("cache-control")).toBe("no-store");
  const { type, title, detail, status: told } = said.body;
  expect({ type, told }).toEqual({ type: "about:blank", told: status });
  expect([typeof title, typeof detail]).toEqual(["string", "string"]);
}

/** A sentence of the contract. */
export type Clause = (hands: Hands) => Promise<void>;
