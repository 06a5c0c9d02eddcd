/** Fresh instances of the built engine in Node, with a random source that repeats. */
import { readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type * as Glue from "../../dist/wasm/cardseal_bg.js";
import { Core, type Edited, type Report, type View } from "../../js/seal/engine.ts";

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

/** The same engine twice: as WebAssembly, and translated to JavaScript. */
export const BUILDS = ["compiled", "translated"] as const;
export type Build = (typeof BUILDS)[number];

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
}

/** The engine as frames have it, asked of any field, known or not. */
export interface Form extends Pick<Core, "accept" | "seal" | "clear" | "lookup" | "inform" | "prefer"> {
  edit(field: string, text: string, caret: number, edit: string): Edited;
  view(field: string): View;
  report(field: string, told: readonly string[]): Report;
}

/** An instance of its own: nothing is shared with an earlier one. */
export async function freshEngine(build: Build = "compiled"): Promise<{
  /** An empty form in this month. */
  formOf(year: number, month: number): Form;
  glue: typeof Glue;
  memory: Exports["memory"];
}> {
  instances += 1;
  const glue: typeof Glue = await load("dist/wasm/cardseal_bg.js");
  const imports = { "./cardseal_bg.js": glue as unknown as WebAssembly.ModuleImports };
  const exports = (
    build === "translated"
      ? (await load(`dist/frames/${translatedName()}`)).translated(imports)
      : new WebAssembly.Instance(new WebAssembly.Module(readFileSync("dist/wasm/cardseal_bg.wasm")), imports)
          .exports
  ) as Exports;
  glue.__wbg_set_wasm(exports);
  const { memory } = exports;
  const formOf = (year: number, month: number): Form =>
    new Core(new glue.CardForm(Date.UTC(year, month - 1, 15) / 1000), memory) as unknown as Form;
  return { formOf, glue, memory };
}

async function load(path: string) {
  return import(`${pathToFileURL(path)}?instance=${instances}`);
}

/** The name of the script that frames load where they have no WebAssembly. */
export function translatedName(): string {
  const name = readdirSync("dist/frames").find((file) => /^translated-\w+\.js$/.test(file));
  if (!name) throw new Error("the engine is not translated; run `cargo xtask build`");
  return name;
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
