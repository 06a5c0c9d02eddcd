/** Fresh instances of the built engine in Node, with a random source that repeats. */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type * as Engine from "../../dist/wasm/cardseal.js";

export const testKey = JSON.parse(readFileSync("tests/vectors/keys/rsa_2048.json", "utf8")).jwk;

export const vault = "https://vault.example";
export const merchant = "mer_test";
export const origin = "https://shop.example";
export const issuedAt = 1_795_046_400;

/** The payload of a context for the test key, with other claims where given. */
export function payload(claims: Record<string, unknown> = {}): Uint8Array {
  const { kid, use, alg, kty, n, e } = testKey;
  const context = {
    iss: vault,
    aud: "cardseal-capture",
    sub: merchant,
    jti: "AAECAwQFBgcICQoLDA0ODw",
    iat: issuedAt,
    exp: issuedAt + 900,
    origins: [origin],
    mode: "test",
    via: "fields",
    kind: "card",
    key: { kty, use, alg, kid, n, e },
    brands: [],
    expose: ["brand"],
    fields: ["number", "expiry", "cvc"],
    ...claims,
  };
  return new TextEncoder().encode(JSON.stringify(context));
}

let instances = 0;

/** A module instance of its own: nothing is shared with an earlier one. */
export async function freshEngine(): Promise<{ engine: typeof Engine; memory: WebAssembly.Memory }> {
  instances += 1;
  const url = `${pathToFileURL("dist/wasm/cardseal.js")}?instance=${instances}`;
  const engine: typeof Engine = await import(url);
  const module = new WebAssembly.Module(readFileSync("dist/wasm/cardseal_bg.wasm"));
  const { memory } = engine.initSync({ module });
  return { engine, memory };
}

/** Makes `crypto.getRandomValues` a sequence that depends on the seed alone, until the returned function is called. */
export function repeatableRandomness(seed: number): () => void {
  const own = Object.getOwnPropertyDescriptor(globalThis.crypto, "getRandomValues");
  let state = seed;
  Object.defineProperty(globalThis.crypto, "getRandomValues", {
    configurable: true,
    value: (bytes: Uint8Array) => {
      for (let index = 0; index < bytes.length; index += 1) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        bytes[index] = state >>> 16;
      }
      return bytes;
    },
  });
  return () => {
    Reflect.deleteProperty(globalThis.crypto, "getRandomValues");
    if (own) Object.defineProperty(globalThis.crypto, "getRandomValues", own);
  };
}
