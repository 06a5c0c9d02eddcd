// What direct mode seals and for which contexts, what it refuses, and that neither an error nor its memory tells of a card.

import { expect, test } from "@playwright/test";
import type * as Direct from "../../js/direct/index.js";
import { merchant, repeatableRandomness, testKey, vault } from "./engine.ts";
import { CARD, createSealer, failure, load, opened, signer } from "./sealer.ts";

test("jose opens what was sealed for a program, to the vault's own origin", async () => {
  const { sign, keys } = await signer();
  const iat = Math.floor(Date.now() / 1000) - 300;
  const context = await sign({ iat, exp: iat + 900 });
  const sealed = await createSealer({ vault, keys }).seal(context, {
    ...CARD,
    name: "Otto Lilienthal",
    postalCode: "17389",
  });
  expect(sealed.context).toBe(context);
  expect(sealed.idempotencyKey).toMatch(/^[0-9a-f-]{36}$/);
  const { card, protectedHeader } = await opened(sealed.sealedCard);
  expect(card).toEqual({
    v: 1,
    kind: "card",
    number: "4242424242424242",
    exp_month: 12,
    exp_year: 2030,
    cvc: "123",
    name: "Otto Lilienthal",
    postal_code: "17389",
  });
  expect(protectedHeader).toMatchObject({ kid: testKey.kid, ctx: "AAECAwQFBgcICQoLDA0ODw", org: vault });
  // The time is the context's: what passed before it came does not count, whatever the clock says.
  expect(protectedHeader.iat).toBeGreaterThanOrEqual(iat);
  expect(protectedHeader.iat).toBeLessThan(iat + 300);
});

const WRITTEN: readonly (readonly [Direct.Card["expiry"], readonly [number, number]])[] = [
  ["1230", [12, 2030]],
  ["2030-12", [12, 2030]],
  [{ month: 4, year: 2030 }, [4, 2030]],
  [{ month: "04", year: "30" }, [4, 2030]],
];

test("an expiry is read as fields read it", async () => {
  const { sign, keys } = await signer();
  const sealer = createSealer({ vault, keys });
  for (const [expiry, [month, year]] of WRITTEN) {
    const { sealedCard } = await sealer.seal(await sign(), { ...CARD, expiry });
    expect((await opened(sealedCard)).card).toMatchObject({ exp_month: month, exp_year: year });
  }
});

test("nothing of one card is in the next, whether it was sealed or refused", async () => {
  const { sign, keys } = await signer();
  const sealer = createSealer({ vault, keys });
  await sealer.seal(await sign(), { ...CARD, name: "Otto", expiry: { month: 1, year: 2031 } });
  await failure(sealer.seal(await sign(), { ...CARD, number: "4242", name: "Otto" }));
  const context = await sign({ fields: ["number", "expiry"] });
  const { sealedCard } = await sealer.seal(context, { number: "4000056655665556", expiry: "11/29" });
  expect((await opened(sealedCard)).card).toEqual({
    v: 1,
    kind: "card",
    number: "4000056655665556",
    exp_month: 11,
    exp_year: 2029,
  });
});

test("cards sealed at once are not mixed up", async () => {
  const { sign, keys } = await signer();
  const sealers = [createSealer({ vault, keys }), createSealer({ vault, keys })];
  const numbers = ["4242424242424242", "5555555555554444", "4000056655665556", "2223003122003222"];
  const sealed = await Promise.all(
    numbers.map(async (number, at) => sealers[at % 2]?.seal(await sign(), { ...CARD, number })),
  );
  const seen = await Promise.all(sealed.map(async (of) => (await opened(of?.sealedCard ?? "")).card.number));
  expect(seen).toEqual(numbers);
});

test("a chosen network is sealed with the card", async () => {
  const { sign, keys } = await signer();
  const sealer = createSealer({ vault, keys });
  for (const network of ["visa", "cartes-bancaires"] as const) {
    const { sealedCard } = await sealer.seal(await sign(), { ...CARD, network });
    expect((await opened(sealedCard)).card).toMatchObject({ network });
  }
  const visaOnly = await sign({ brands: ["visa"] });
  const error = await failure(sealer.seal(visaOnly, { ...CARD, network: "cartes-bancaires" }));
  expect(error.code).toBe("brand_not_accepted");
});

test("a security code alone is sealed for a context of its kind", async () => {
  const { sign, keys } = await signer();
  const claims = {
    kind: "cvc",
    token: "tok_1",
    brands: ["american-express"],
    expose: [],
    fields: ["cvc"],
  };
  const sealer = createSealer({ vault, keys });
  const { sealedCard } = await sealer.seal(await sign(claims), { cvc: "7373" });
  expect((await opened(sealedCard)).card).toEqual({ v: 1, kind: "cvc", cvc: "7373" });
  expect((await failure(sealer.seal(await sign(claims), { cvc: "737" }))).code).toBe("cvc_incomplete");
});

type Claims = Record<string, unknown>;

const CONTEXTS: readonly (readonly [string, string, Claims, Claims?])[] = [
  ["for fields", "context_via_mismatch", { via: "fields", origins: ["https://shop.example"] }],
  ["for pages", "origin_not_allowed", { origins: ["https://shop.example"] }],
  ["of another vault", "context_issuer_mismatch", { iss: "https://other.example" }],
  ["that has expired", "context_expired", { iat: 1_700_000_000, exp: 1_700_000_900 }],
  ["for another audience", "context_malformed", { aud: "cardseal-api" }],
  ["of another type", "context_forged", {}, { typ: "at+jwt" }],
  ["of an unknown key", "context_forged", {}, { kid: "k2" }],
  ["with a key that is not its kid's", "recipient_invalid", { key: { ...publicKey(), kid: "another" } }],
];

function publicKey() {
  const { kty, use, alg, kid, n, e } = testKey;
  return { kty, use, alg, kid, n, e };
}

for (const [what, code, claims, header] of CONTEXTS) {
  test(`a context ${what} is ${code}`, async () => {
    const { sign, keys } = await signer();
    const error = await failure(createSealer({ vault, keys }).seal(await sign(claims, header), CARD));
    expect(error).toMatchObject({ code, blame: "misuse", retryable: false });
  });
}

test("a context that has waited too long since it came has expired", async () => {
  const { sign, keys } = await signer();
  const sealer = createSealer({ vault, keys });
  const context = await sign();
  await sealer.prepare(context);
  const { now } = performance;
  try {
    performance.now = () => now.call(performance) + 901_000;
    expect((await failure(sealer.seal(context, CARD))).code).toBe("context_expired");
    expect((await sealer.seal(await sign(), CARD)).sealedCard).toMatch(/^ey/);
  } finally {
    performance.now = now;
  }
});

test("prepare() rejects for a context that seal() would not verify", async () => {
  const { sign } = await signer();
  const sealer = createSealer({ vault, keys: (await signer()).keys });
  expect((await failure(sealer.prepare(await sign()))).code).toBe("context_forged");
});

test("a context that was changed, signed by another or is none is refused", async () => {
  const { sign, keys } = await signer();
  const [sealer, stranger] = [createSealer({ vault, keys }), await signer()];
  const [head, body = "", tail] = (await sign()).split(".");
  const claims = Buffer.from(body, "base64url").toString();
  const changed = Buffer.from(claims.replace(merchant, "mer_evil")).toString("base64url");
  for (const context of [`${head}.${changed}.${tail}`, await stranger.sign()]) {
    expect((await failure(sealer.seal(context, CARD))).code).toBe("context_forged");
  }
  for (const context of ["", "hello", undefined as unknown as string]) {
    expect((await failure(sealer.seal(context, CARD))).code).toBe("context_malformed");
  }
});

const CARDS: readonly (readonly [string, string | undefined, Record<string, unknown>])[] = [
  ["card_number_incomplete", "number", { number: "4242 4242" }],
  ["card_number_invalid", "number", { number: "4242424242424241" }],
  ["card_number_invalid", "number", { number: "4242424242424242".repeat(2) }],
  ["card_number_invalid", "number", { number: "4242 42XX XXXX 42424242 42" }],
  ["card_number_incomplete", "number", { number: undefined }],
  ["expiry_past", "expiry", { expiry: "01/20" }],
  ["expiry_invalid", "expiry", { expiry: "13/30" }],
  ["expiry_invalid", "expiry", { expiry: "12/30 or so" }],
  ["expiry_incomplete", "expiry", { expiry: { month: 12 } }],
  ["expiry_incomplete", "expiry", { expiry: undefined }],
  ["cvc_incomplete", "cvc", { cvc: undefined }],
  ["cvc_invalid", "cvc", { cvc: "12345" }],
  ["cvc_invalid", "cvc", { cvc: "n/a" }],
  ["name_invalid", "name", { name: "4242 4242 4242 4242" }],
  ["postal_code_invalid", "postal_code", { postalCode: "Otto's house, 2nd floor" }],
  ["options_invalid", undefined, { number: 4242424242424242 }],
  ["options_invalid", undefined, { network: "carte-bleue" }],
  ["options_invalid", undefined, { pin: "4242" }],
];

for (const [code, field, change] of CARDS) {
  const written = JSON.stringify(change, (_, value) => value ?? null);
  test(`a card with ${written} is ${code}`, async () => {
    const { sign, keys } = await signer();
    const card = { ...CARD, ...change } as Direct.Card;
    const error = await failure(createSealer({ vault, keys }).seal(await sign(), card));
    expect(error.code).toBe(code);
    expect(error.field).toBe(field);
    expect(error.blame).toBe(field ? "input" : "misuse");
  });
}

/** The engine's memory after one card in an engine of its own, with randomness that repeats. */
async function memoryAfter(
  context: string,
  keys: Direct.SealerOptions["keys"],
  card: Direct.Card,
): Promise<Buffer> {
  const fresh = await load(`?${crypto.randomUUID()}`);
  const { instantiate } = WebAssembly;
  let memory: WebAssembly.Memory | undefined;
  WebAssembly.instantiate = (async (bytes: BufferSource, imports: WebAssembly.Imports) => {
    const made = await instantiate(bytes, imports);
    memory = made.instance.exports.memory as WebAssembly.Memory;
    return made;
  }) as typeof instantiate;
  const restore = repeatableRandomness(1);
  try {
    const sealer = fresh.createSealer({ vault, keys });
    await sealer.seal(context, card).catch(() => {});
    return Buffer.from(new Uint8Array(memory?.buffer ?? []));
  } finally {
    WebAssembly.instantiate = instantiate;
    restore();
  }
}

test("the engine's whole memory is the same whatever the card was, sealed or refused", async () => {
  const { sign, keys } = await signer();
  const context = await sign();
  const [sealed, refused] = [await memoryAfter(context, keys, CARD), { ...CARD, cvc: "12345" }];
  expect(sealed.includes(testKey.kid)).toBe(true);
  const others = { number: "4000 0566-5566 5556", expiry: "11/2029", cvc: "987" };
  expect(sealed.equals(await memoryAfter(context, keys, others))).toBe(true);
  const first = await memoryAfter(context, keys, refused);
  expect(first.equals(await memoryAfter(context, keys, { ...others, cvc: "98765" }))).toBe(true);
});
