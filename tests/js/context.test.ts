// The frame believes a context by its signature; the page reads it only to know where to go.

import { expect, test } from "@playwright/test";
import { CompactSign, exportJWK, generateKeyPair, type JWK } from "jose";
import { CardsealError } from "../../js/errors.js";
import { askContext } from "../../js/host/context.js";
import { parseOptions } from "../../js/host/options.js";
import { type FetchKeys, Verifier } from "../../js/seal/context.js";
import { Failure } from "../../js/seal/failure.js";

const CLAIMS = { iss: "https://vault.example", sub: "m_shop", jti: "j" };
const HEADER = { alg: "ES256", typ: "cardseal-context+jwt", kid: "k1" };

async function signer(kid = "k1") {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, use: "sig", alg: "ES256" };
  const sign = (header: object = HEADER, claims: unknown = CLAIMS): Promise<string> =>
    new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: "ES256", ...header })
      .sign(privateKey);
  return { jwk, sign };
}

/** A key set, and how it was asked for. */
function published(...sets: unknown[]): { readonly fetchKeys: FetchKeys; readonly asked: boolean[] } {
  const asked: boolean[] = [];
  return {
    asked,
    fetchKeys: async (fresh) => {
      asked.push(fresh);
      return sets.length > 1 ? sets.shift() : sets[0];
    },
  };
}

async function codeOf(outcome: Promise<unknown>): Promise<string> {
  const error = await outcome.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof Failure || error instanceof CardsealError
    ? error.code
    : `not an error of ours: ${error}`;
}

test("gives the payload of a context that the vault signed, and keeps the keys", async () => {
  const { jwk, sign } = await signer();
  const { fetchKeys, asked } = published({ keys: [{ kty: "RSA", kid: "k1", use: "enc" }, jwk] });
  const verifier = new Verifier(fetchKeys);
  for (let round = 0; round < 2; round++) {
    const payload = await verifier.verify(await sign());
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual(CLAIMS);
  }
  expect(asked).toEqual([false]);
});

test("asks once past every cache for a key it does not know", async () => {
  const { jwk, sign } = await signer();
  const { fetchKeys, asked } = published({ keys: [] }, { keys: [jwk] });
  await new Verifier(fetchKeys).verify(await sign());
  expect(asked).toEqual([false, true]);
});

test("refuses a context that another key signed", async () => {
  const { jwk } = await signer();
  const { sign } = await signer();
  const verifier = new Verifier(published({ keys: [jwk] }).fetchKeys);
  expect(await codeOf(verifier.verify(await sign()))).toBe("context_forged");
});

test("refuses a context whose claims were changed", async () => {
  const { jwk, sign } = await signer();
  const [head, , tail] = (await sign()).split(".");
  const claims = Buffer.from(JSON.stringify({ ...CLAIMS, sub: "m_other" })).toString("base64url");
  const verifier = new Verifier(published({ keys: [jwk] }).fetchKeys);
  expect(await codeOf(verifier.verify(`${head}.${claims}.${tail}`))).toBe("context_forged");
});

test("refuses another type, algorithm or critical member, and keys that are not for this", async () => {
  const { jwk, sign } = await signer();
  const verifier = new Verifier(published({ keys: [jwk] }).fetchKeys);
  expect(await codeOf(verifier.verify(await sign({ ...HEADER, typ: "at+jwt" })))).toBe("context_forged");
  expect(await codeOf(verifier.verify(await sign({ alg: "ES256", kid: "k1" })))).toBe("context_malformed");
  expect(await codeOf(verifier.verify(await sign({ ...HEADER, kid: "k2" })))).toBe("context_forged");
  const none = [{ ...HEADER, alg: "none" }, CLAIMS].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  expect(await codeOf(verifier.verify(`${none.join(".")}.c2ln`))).toBe("context_forged");
  const critical = [{ ...HEADER, crit: ["b64"] }, CLAIMS].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  expect(await codeOf(verifier.verify(`${critical.join(".")}.c2ln`))).toBe("context_malformed");
  for (const wrong of [{ use: "enc" }, { crv: "P-384" }, { kty: "OKP" }, { x: 7 }, { x: "AA" }]) {
    const other = new Verifier(published({ keys: [{ ...jwk, ...wrong }] }).fetchKeys);
    expect(await codeOf(other.verify(await sign()))).toBe("context_forged");
  }
});

test("refuses what is no compact JWS", async () => {
  const verifier = new Verifier(published({ keys: [] }).fetchKeys);
  for (const wrong of ["", "a", "a.b", "a.b.c.d", "..", "%.%.%", "e30.e30.", "bnVsbA.e30.c2ln"]) {
    expect(await codeOf(verifier.verify(wrong))).toMatch(/^context_(malformed|forged)$/);
  }
});

test("asks for the keys again after a failure", async () => {
  const { jwk, sign } = await signer();
  let calls = 0;
  const verifier = new Verifier(async () => {
    if (calls++ === 0) throw new Failure("network_failed");
    return { keys: [jwk] };
  });
  expect(await codeOf(verifier.verify(await sign()))).toBe("network_failed");
  await verifier.verify(await sign());
  expect(calls).toBe(2);
});

function ask(context: () => unknown) {
  return askContext(parseOptions({ vault: "https://vault.example", context }));
}

test("the page reads where the frames are", async () => {
  const { sign } = await signer();
  const text = await sign();
  expect(await ask(async () => text)).toMatchObject({ text, merchant: "m_shop" });
});

test("the page refuses another vault's context", async () => {
  const { sign } = await signer();
  const text = await sign(HEADER, { ...CLAIMS, iss: "https://other.example" });
  expect(await codeOf(ask(() => text))).toBe("context_issuer_mismatch");
});

test("the page says when its own function failed, and keeps the cause", async () => {
  const cause = new TypeError("fetch failed");
  const failing = ask(() => Promise.reject(cause));
  expect(await codeOf(failing)).toBe("context_unavailable");
  expect(await failing.catch((error) => error.cause)).toBe(cause);
  for (const wrong of [undefined, null, "", 7, {}])
    expect(await codeOf(ask(() => wrong))).toBe("context_unavailable");
});

test("the page refuses what is no context", async () => {
  const { sign } = await signer();
  const wrong = [
    "<!doctype html>",
    "a.b.c",
    "a.bnVsbA.c",
    "a.b",
    await sign(HEADER, { iss: "https://vault.example" }),
  ];
  wrong.push(await sign(HEADER, { ...CLAIMS, sub: "../../evil" }), await sign(HEADER, [1]));
  for (const text of wrong) expect(await codeOf(ask(() => text))).toBe("context_malformed");
});
