// cardseal/server against the real API: what a merchant's backend asks for, reads and deletes.

import { createVaultClient, type VaultError } from "../../js/server/index.js";
import { expect, test } from "./checkout.ts";

const codeOf = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => "none",
    (error: VaultError) => error.code,
  );

test("a backend reads what became of its order, and deletes it", async ({ checkout }) => {
  const { backend } = checkout.sandbox;
  const ref = `order ${Date.now()} & more`;
  const context = await checkout.context({
    ref,
    amount: { value: 7900, currency: "EUR" },
    shippingCountry: "DE",
  });
  await checkout.mount([context]);
  await checkout.fill("4242424242424242", "1231", "123");
  const { id = "" } = await checkout.tokenize();

  const stored = { id, brand: "visa", last4: "4242", expMonth: 12, expYear: 2031, ref, mode: "test" };
  expect(await backend.token(id)).toMatchObject(stored);
  expect(await backend.tokens({ ref })).toMatchObject([stored]);
  await backend.deleteToken(id);
  await backend.deleteToken(id);
  expect(await codeOf(backend.token(id))).toBe("not_found");
  expect(await backend.tokens({ ref })).toEqual([]);
});

test("one context is made under one key, and another request under it is refused", async ({ checkout }) => {
  const { backend } = checkout.sandbox;
  const request = { origins: [checkout.origin] };
  const options = { idempotencyKey: crypto.randomUUID() };
  const first = await backend.captureContext(request, options);
  expect(await backend.captureContext(request, options)).toEqual(first);
  expect(await codeOf(backend.captureContext({ ...request, ref: "o_2" }, options))).toBe(
    "idempotency_key_reused",
  );
});

test("a client with a wrong secret, or an origin that is none of the merchant's, is told so", async ({
  checkout,
}) => {
  const { api, clientId } = checkout.sandbox;
  const stranger = createVaultClient({ api, clientId, clientSecret: "wrong" });
  expect(await codeOf(stranger.token("tok_1"))).toBe("client_invalid");
  const elsewhere = { origins: ["https://elsewhere.example"] };
  expect(await codeOf(checkout.sandbox.backend.captureContext(elsewhere))).toBe("origin_not_registered");
});
