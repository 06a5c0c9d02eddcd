import { type Checkout, expect, test } from "./checkout.ts";

/** A form for the code of a card that has just been captured; gives the card's token. */
async function mountCodeOf(checkout: Checkout, number: string, cvc: string): Promise<string> {
  await checkout.mount();
  await checkout.fill(number, "1229", cvc);
  const { id = "" } = await checkout.tokenize();
  expect(id).toMatch(/^tok_/);

  const context = await checkout.context({ kind: "cvc", token: id });
  await checkout.page.goto(checkout.origin);
  await checkout.page.waitForFunction(() => window.cardseal !== undefined);
  await checkout.page.evaluate(
    ({ vault, context }) => {
      window.fields = window.cardseal.createFields({ vault, context: async () => context });
      window.fields.mount("cvc", "#cvc");
    },
    { vault: checkout.sandbox.vault, context },
  );
  expect(await checkout.ready()).toBe("ready");
  return id;
}

test("a page with nothing but a field for the code captures the code of a stored card", async ({
  checkout,
}) => {
  const id = await mountCodeOf(checkout, "378282246310005", "1234");
  // Three digits are one too few for this brand, which the frame knows from the context.
  await checkout.type("cvc", "737");
  expect(await checkout.tokenize()).toMatchObject({ code: "cvc_incomplete", field: "cvc" });
  await checkout.type("cvc", "3");
  expect(await checkout.tokenize()).toEqual({ id, brand: "american-express", last4: "0005" });
});

test("a page is told by a code of its own that the stored card is gone", async ({ checkout }) => {
  const id = await mountCodeOf(checkout, "4242424242424242", "123");
  await checkout.sandbox.backend.deleteToken(id);
  await checkout.type("cvc", "737");
  expect(await checkout.tokenize()).toEqual({ code: "not_found", blame: "rejected", retryable: false });
});
