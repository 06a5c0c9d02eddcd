// Signs contexts for direct mode as Node loads it, opens what it sealed, and looks at what it rejects with.

import { pathToFileURL } from "node:url";
import { expect } from "@playwright/test";
import { CompactSign, compactDecrypt, exportJWK, generateKeyPair, importJWK } from "jose";
import type * as Direct from "../../js/direct/index.js";
import { payload, testKey } from "./engine.ts";

/** Direct mode as it was built; for another query it is another instance. */
export async function load(query = ""): Promise<typeof Direct> {
  return import(pathToFileURL("dist/direct/node.js").href + query);
}

export const { createSealer, CardsealError } = await load();

export const CARD = { number: "4242 4242-4242 4242", expiry: "12/2030", cvc: "123" } as const;
const now = (): number => Math.floor(Date.now() / 1000);

export async function signer(kid = "k1") {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, use: "sig", alg: "ES256" };
  const sign = (claims: object = {}, header: object = {}): Promise<string> =>
    new CompactSign(payload({ via: "direct", origins: [], iat: now(), exp: now() + 900, ...claims }))
      .setProtectedHeader({ alg: "ES256", typ: "cardseal-context+jwt", kid, ...header })
      .sign(privateKey);
  return { jwk, sign, keys: { keys: [jwk] } };
}

export async function opened(sealedCard: string) {
  const key = await importJWK(testKey, "RSA-OAEP-256");
  const { plaintext, protectedHeader } = await compactDecrypt(sealedCard, key);
  return { card: JSON.parse(new TextDecoder().decode(plaintext)), protectedHeader };
}

/** What a call rejected with; the digits of a card are in none of it. */
export async function failure(outcome: Promise<unknown>): Promise<Direct.CardsealError> {
  const error = await outcome.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CardsealError);
  const { code, blame, field, retryable, message, stack, cause } = error as Direct.CardsealError;
  expect(Object.keys(error as object).sort()).toEqual(
    ["blame", "code", "name", "retryable", ...(field ? ["field"] : [])].sort(),
  );
  expect(cause).toBeUndefined();
  expect(JSON.stringify({ code, blame, field, retryable, message, stack })).not.toMatch(
    /4242[ -]?4242|12\/2030|Otto/,
  );
  return error as Direct.CardsealError;
}
