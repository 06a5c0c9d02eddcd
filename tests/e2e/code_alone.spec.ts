import { expect, test } from "./checkout.ts";

test("a page with nothing but a field for the code captures the code of a stored card", async ({
  checkout,
}) => {
  await checkout.mount();
  await checkout.fill("378282246310005", "1229", "1234");
  const { id } = await checkout.tokenize();
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
  // Three digits are one too few for this brand, which the frame knows from the context.
  await checkout.type("cvc", "737");
  expect(await checkout.tokenize()).toMatchObject({ code: "cvc_incomplete", field: "cvc" });
  await checkout.type("cvc", "3");
  expect(await checkout.tokenize()).toEqual({ id, brand: "american-express", last4: "0005" });
});
