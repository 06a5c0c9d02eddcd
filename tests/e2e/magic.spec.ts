// Magic cards through hosted fields: what a page meets when things go wrong, and that a shopper can pay in the end.

import { MAGIC_CARDS } from "../../js/testing/magic.js";
import { type Checkout, expect, test } from "./checkout.ts";

/** Fields of an order of its own; each context that is asked for is of that order. */
async function pay(checkout: Checkout, card: keyof typeof MAGIC_CARDS): Promise<void> {
  const ref = `${card} ${crypto.randomUUID()}`;
  await checkout.mount(await Promise.all([1, 2, 3].map(() => checkout.context({ ref }))));
  await checkout.fill(MAGIC_CARDS[card].number);
}

/** What a test reads of the token. */
async function capture(checkout: Checkout, token: string): Promise<Record<string, unknown>[]> {
  const { api, clientId, clientSecret } = checkout.sandbox;
  const answer = await fetch(`${api}/test/captures?full=true&token=${token}`, {
    headers: { Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
  });
  return (await answer.json()).captures;
}

test("a vault that is busy twice gives a token, without the page's doing", async ({ checkout }) => {
  await pay(checkout, "busyTwice");
  const { id = "" } = await checkout.tokenize();
  expect(await capture(checkout, id)).toMatchObject([
    { id, cvc: "held", card: { number: MAGIC_CARDS.busyTwice.number, exp_month: 12, exp_year: 2029 } },
  ]);
});

test("a connection that is cut again and again is network_failed, and a second Pay works", async ({
  checkout,
}) => {
  await pay(checkout, "cutFourTimes");
  const failure = { code: "network_failed", blame: "network", retryable: true };
  expect(await checkout.tokenize()).toMatchObject(failure);
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

test("an answer that is lost is asked for again, and there is one token", async ({ checkout }) => {
  await pay(checkout, "answerLost");
  const { id = "" } = await checkout.tokenize();
  const { ref } = (await capture(checkout, id))[0] ?? {};
  expect(await checkout.sandbox.backend.tokens({ ref: String(ref) })).toHaveLength(1);
});

for (const [card, code, retryable] of [
  ["rateLimited", "rate_limited", true],
  ["cardRefused", "card_refused", false],
] as const) {
  test(`a card that is for ${code} is told so, and the next card is taken`, async ({ checkout }) => {
    await pay(checkout, card);
    expect(await checkout.tokenize()).toMatchObject({ code, retryable });
    await checkout.input("number").clear();
    await checkout.type("number", "4242424242424242");
    expect((await checkout.tokenize()).last4).toBe("4242");
  });
}

test("a card that the vault says has expired shows it in its field", async ({ checkout }) => {
  await pay(checkout, "expiryPast");
  expect(await checkout.tokenize()).toMatchObject({ code: "expiry_past", blame: "input", field: "expiry" });
  await expect(checkout.input("expiry")).toHaveAttribute("aria-invalid", "true");
});

test("a context that has expired is replaced by the order's next one, without the page's doing", async ({
  checkout,
}) => {
  const answers: number[] = [];
  checkout.page.on("response", (answer) => {
    if (answer.url().endsWith("/v1/tokens")) answers.push(answer.status());
  });
  await pay(checkout, "contextExpired");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
  expect(answers).toEqual([403, 201]);
});

test("a vault that failed once holds up the first Pay only", async ({ checkout }) => {
  await pay(checkout, "internalOnce");
  expect(await checkout.tokenize()).toMatchObject({ code: "internal", retryable: true });
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});
