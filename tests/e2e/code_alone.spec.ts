import { type Checkout, expect, test } from "./checkout.ts";

/** A form for the code of a card that has just been captured, and then for whole cards; gives the card's token. */
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
      const ask = window.askContext;
      const contexts = [context];
      window.fields = window.cardseal.createFields({ vault, context: async () => contexts.shift() ?? ask() });
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

test("a page is told by a code of its own that the stored card is gone, and goes on with a whole card", async ({
  checkout,
}) => {
  const id = await mountCodeOf(checkout, "4242424242424242", "123");
  await checkout.sandbox.backend.deleteToken(id);
  await checkout.type("cvc", "737");
  expect(await checkout.tokenize()).toEqual({ code: "not_found", blame: "rejected", retryable: false });
  await checkout.page.evaluate(() => {
    for (const field of ["number", "expiry"] as const) window.fields.mount(field, `#${field}`);
  });
  // The next context asks for them.
  expect(await checkout.tokenize()).toMatchObject({ code: "card_number_incomplete", field: "number" });
  await checkout.type("number", "5555555555554444");
  await checkout.type("expiry", "1229");
  expect(await checkout.tokenize()).toMatchObject({ last4: "4444" });
});
