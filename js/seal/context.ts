// Verifies a capture context's signature before the engine reads its claims. It trusts the vault's published keys only.

import { membersOf } from "../members.js";
import { Failure } from "./failure.js";

/** Fetches the vault's key set; `fresh` past every cache. */
export type FetchKeys = (fresh: boolean) => Promise<unknown>;

/** Milliseconds that the key set may take. */
const TIMEOUT = 10_000;

/** Keeps the key set between contexts; a key id that is not in it causes one refetch. */
export class Verifier {
  readonly #fetchKeys: FetchKeys;
  #keys: Promise<unknown> | undefined;

  constructor(fetchKeys: FetchKeys = keysOf("")) {
    this.#fetchKeys = fetchKeys;
  }

  /** Fetches ahead of the first context. */
  prepare(): void {
    this.#load(false).catch(() => {});
  }

  /** The payload of a compact JWS (RFC 7515 section 5.2), or `context_malformed`, `context_forged`, `network_failed`. */
  async verify(jws: string): Promise<Uint8Array> {
    const [head, body, tail, ...more] = jws.split(".");
    if (!head || !body || !tail || more.length > 0) throw new Failure("context_malformed");
    const payload = decode(body);
    const signature = decode(tail);
    const header = parseHeader(decode(head));
    if (header.size !== 3) throw new Failure("context_malformed");
    // RFC 8725 sections 3.1 and 3.11: one algorithm, and a type that no other token of the vault has.
    if (header.get("alg") !== "ES256" || header.get("typ") !== "cardseal-context+jwt") {
      throw new Failure("context_forged");
    }
    const kid = header.get("kid");
    const jwk = pick(await this.#load(false), kid) ?? pick(await this.#load(true), kid);
    if (!jwk) throw new Failure("context_forged");
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const signed = new TextEncoder().encode(`${head}.${body}`);
    let genuine = false;
    try {
      const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
      genuine = await crypto.subtle.verify(algorithm, key, signature, signed);
    } catch {
      // A key that cannot be used verifies nothing.
    }
    if (!genuine) throw new Failure("context_forged");
    return payload;
  }

  #load(fresh: boolean): Promise<unknown> {
    if (!this.#keys || fresh) {
      const keys = this.#fetchKeys(fresh);
      keys.catch(() => {
        if (this.#keys === keys) this.#keys = undefined;
      });
      this.#keys = keys;
    }
    return this.#keys;
  }
}

/** Fetches the keys that a vault publishes. */
export function keysOf(vault: string, ask: typeof fetch = (...request) => fetch(...request)): FetchKeys {
  return async (fresh) => {
    const request: RequestInit = {
      credentials: "omit",
      cache: fresh ? "reload" : "default",
      signal: AbortSignal.timeout(TIMEOUT),
    };
    try {
      const response = await ask(`${vault}/.well-known/jwks.json`, request);
      if (response.ok) return await response.json();
    } catch {
      // Falls through: what stands in the way is told by the browser, not by the page.
    }
    throw new Failure("network_failed");
  };
}

/** The one P-256 signing key of this id, with the members that make the key and no others. */
function pick(keySet: unknown, kid: unknown): JsonWebKey | undefined {
  const keys = membersOf(keySet).get("keys");
  if (!Array.isArray(keys) || typeof kid !== "string") return undefined;
  for (const key of keys.map(membersOf)) {
    const [x, y] = [key.get("x"), key.get("y")];
    const fits =
      key.get("kid") === kid &&
      key.get("use") === "sig" &&
      key.get("kty") === "EC" &&
      key.get("crv") === "P-256";
    if (fits && typeof x === "string" && typeof y === "string") return { kty: "EC", crv: "P-256", x, y };
  }
  return undefined;
}

function parseHeader(bytes: Uint8Array): Map<string, unknown> {
  try {
    return membersOf(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    throw new Failure("context_malformed");
  }
}

function decode(part: string): Uint8Array<ArrayBuffer> {
  // atob() is lenient; RFC 7515 section 2 is not.
  if (!/^[\w-]+$/.test(part)) throw new Failure("context_malformed");
  try {
    return Uint8Array.from(atob(part.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
  } catch {
    throw new Failure("context_malformed");
  }
}
