import { randomUUID } from "node:crypto";
import { CompactEncrypt, decodeJwt, importJWK, type JWK } from "jose";
import { expect, test } from "./checkout.ts";

const card = { v: 1, kind: "card", number: "4242424242424242", exp_month: 12, exp_year: 2029, cvc: "123" };

test("a card that jose sealed by the protocol alone becomes a token", async ({ shop }) => {
  const context = await shop.sandbox.context({ origins: [shop.origin], ref: "order-7" });
  const claims = decodeJwt<{ key: JWK & { kid: string }; jti: string }>(context);
  const plaintext = new TextEncoder().encode(JSON.stringify(card).padEnd(512, " "));
  const sealed = await new CompactEncrypt(plaintext)
    .setProtectedHeader({
      alg: "RSA-OAEP-256",
      enc: "A256GCM",
      typ: "cardseal+jwe",
      kid: claims.key.kid,
      iat: Math.floor(Date.now() / 1000),
      ctx: claims.jti,
      org: shop.origin,
    })
    .encrypt(await importJWK(claims.key, "RSA-OAEP-256"));
  const answer = await fetch(`${shop.sandbox.vault}/v1/tokens`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": randomUUID() },
    body: JSON.stringify({ context, sealed_card: sealed }),
  });
  expect(answer.status).toBe(201);
  expect(await answer.json()).toEqual({
    id: expect.stringMatching(/^tok_/),
    object: "token",
    brand: "visa",
    last4: "4242",
    ref: "order-7",
  });
});
