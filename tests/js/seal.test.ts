import { expect, test } from "@playwright/test";
import { calculateJwkThumbprint, compactDecrypt, exportJWK, generateKeyPair, importJWK } from "jose";
import {
  BUILDS,
  type Build,
  freshEngine,
  issuedAt,
  merchant,
  origin,
  payload,
  testKey,
  vault,
} from "./engine.ts";

async function filledForm(build: Build = "compiled") {
  const { formOf } = await freshEngine(build);
  const form = formOf(2026, 11);
  form.edit("number", "4242 4242 4242 4242", 19, "replace");
  form.edit("expiry", "12/29", 5, "replace");
  form.edit("cvc", "123", 3, "replace");
  return form;
}

for (const build of BUILDS) {
  test(`jose opens what the ${build} engine sealed`, async () => {
    const form = await filledForm(build);
    form.accept(payload(), vault, merchant, origin);
    const sealed = form.seal(issuedAt + 7);
    const { plaintext, protectedHeader } = await compactDecrypt(
      sealed,
      await importJWK(testKey, "RSA-OAEP-256"),
    );
    expect(protectedHeader).toEqual({
      alg: "RSA-OAEP-256",
      enc: "A256GCM",
      typ: "cardseal+jwe",
      kid: testKey.kid,
      ctx: "AAECAwQFBgcICQoLDA0ODw",
      org: origin,
      iat: issuedAt + 7,
    });
    expect(plaintext.length).toBe(512);
    expect(JSON.parse(new TextDecoder().decode(plaintext))).toEqual({
      v: 1,
      kind: "card",
      number: "4242424242424242",
      exp_month: 12,
      exp_year: 2029,
      cvc: "123",
    });
  });
}

for (const build of BUILDS) {
  test(`the ${build} engine seals to keys of every size that it takes`, async () => {
    const form = await filledForm(build);
    // What serves larger numbers only was taken out of the engine: it would break here.
    for (const modulusLength of [2048, 3072, 4096]) {
      const { publicKey, privateKey } = await generateKeyPair("RSA-OAEP-256", { modulusLength });
      const key = await exportJWK(publicKey);
      const kid = await calculateJwkThumbprint(key);
      const { kty, n, e } = key;
      const claims = payload({ key: { kty, use: "enc", alg: "RSA-OAEP-256", kid, n, e } });
      form.accept(claims, vault, merchant, origin);
      for (let times = 0; times < 5; times++) {
        const { plaintext } = await compactDecrypt(form.seal(issuedAt), privateKey);
        expect(new TextDecoder().decode(plaintext)).toContain("4242424242424242");
      }
    }
  });
}

test("a context for a code alone gets the code alone, as long as the stored card's brand has it", async () => {
  const { formOf } = await freshEngine();
  const form = formOf(2026, 11);
  const cvcOnly = { kind: "cvc", token: "tok_1", expose: [], fields: ["cvc"] };
  const { required } = form.accept(
    payload({ ...cvcOnly, brands: ["american-express"] }),
    vault,
    merchant,
    origin,
  );
  expect(required).toEqual(["cvc"]);
  form.edit("cvc", "737", 3, "replace");
  expect(form.view("cvc")).toMatchObject({ complete: false, error: "cvc_incomplete" });
  form.edit("cvc", "7373", 4, "replace");
  // What a page mounts beside it does not count, right or wrong.
  form.edit("number", "4242", 4, "replace");
  const key = await importJWK(testKey, "RSA-OAEP-256");
  const { plaintext } = await compactDecrypt(form.seal(issuedAt), key);
  expect(plaintext.length).toBe(512);
  const text = new TextDecoder().decode(plaintext).trimEnd();
  expect(text).toBe('{"v":1,"kind":"cvc","cvc":"7373"}');
});

test("two seals of the same card share nothing but the header", async () => {
  const form = await filledForm();
  form.accept(payload(), vault, merchant, origin);
  const [one, other] = [form.seal(issuedAt).split("."), form.seal(issuedAt).split(".")];
  expect(one[0]).toBe(other[0]);
  for (const part of [1, 2, 3, 4]) expect(one[part]).not.toBe(other[part]);
});

const refusals: [string, string, (form: Awaited<ReturnType<typeof filledForm>>) => void][] = [
  ["without a context", "context_unavailable", (form) => form.seal(issuedAt)],
  [
    "with a context of another vault",
    "context_issuer_mismatch",
    (form) => form.accept(payload(), "https://other.example", merchant, origin),
  ],
  [
    "with a context of another merchant",
    "options_invalid",
    (form) => form.accept(payload(), vault, "mer_other", origin),
  ],
  [
    "with a context of direct mode",
    "context_via_mismatch",
    (form) => form.accept(payload({ via: "direct" }), vault, merchant, origin),
  ],
  [
    "with a context for another origin",
    "origin_not_allowed",
    (form) => form.accept(payload(), vault, merchant, "https://evil.example"),
  ],
  [
    "with a context that is not one",
    "context_malformed",
    (form) => form.accept(payload({ aud: "cardseal-api" }), vault, merchant, origin),
  ],
  [
    "with an expired context",
    "context_expired",
    (form) => {
      form.accept(payload(), vault, merchant, origin);
      form.seal(issuedAt + 900);
    },
  ],
  [
    "with a key that is not the kid's",
    "recipient_invalid",
    (form) => {
      const { n, e, kty, use, alg } = testKey;
      form.accept(payload({ key: { n, e, kty, use, alg, kid: "another" } }), vault, merchant, origin);
      form.seal(issuedAt);
    },
  ],
  [
    "before the card is complete",
    "cvc_incomplete",
    (form) => {
      form.accept(payload(), vault, merchant, origin);
      form.edit("cvc", "", 0, "replace");
      form.seal(issuedAt);
    },
  ],
  ["of an unknown field", "field_unknown", (form) => form.view("pin")],
];

for (const [what, code, call] of refusals) {
  test(`refuses a call ${what} with the code ${code} and nothing else`, async () => {
    const form = await filledForm();
    let thrown: unknown;
    try {
      call(form);
    } catch (error) {
      thrown = error;
    }
    expect({ ...(thrown as Error), message: (thrown as Error).message }).toEqual({ code, message: code });
  });
}

test("the page learns the brand only where the context exposes it", async () => {
  const form = await filledForm();
  expect(form.report("number", []).brand).toBeUndefined();
  form.accept(payload({ expose: [] }), vault, merchant, origin);
  expect(form.report("number", []).brand).toBeUndefined();
  form.accept(payload(), vault, merchant, origin);
  expect(form.report("number", []).brand).toBe("visa");
  expect(form.report("cvc", []).brand).toBeUndefined();
});
