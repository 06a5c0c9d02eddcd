import { type Checkout, expect, type Field, test } from "./checkout.ts";

const typed: [string, Field, string, string, Record<string, unknown>][] = [
  ["letters", "number", "abc", "", { empty: true }],
  ["emoji", "number", "💳💳", "", { empty: true }],
  [
    "a wrong check digit",
    "number",
    "4242424242424241",
    "4242 4242 4242 4241",
    { complete: false, error: { code: "card_number_invalid" } },
  ],
  ["an expired date", "expiry", "1220", "12 / 20", { complete: false, error: { code: "expiry_past" } }],
  [
    "a month that does not exist",
    "expiry",
    "1329",
    "13 / 29",
    { complete: false, error: { code: "expiry_invalid" } },
  ],
];

for (const [what, field, text, shown, state] of typed) {
  test(`${what} in the ${field} field is shown and told for what it is`, async ({ checkout }) => {
    await checkout.mount();
    await checkout.ready();
    await checkout.type(field, text);
    await checkout.page.keyboard.press("Tab");
    await expect(checkout.input(field)).toHaveValue(shown);
    if ("empty" in state) expect((await checkout.state(field))?.empty ?? true).toBe(true);
    else await expect.poll(() => checkout.state(field)).toMatchObject(state);
  });
}

async function paste(checkout: Checkout, field: Field, text: string): Promise<void> {
  await checkout.input(field).focus();
  await checkout.frame(field).evaluate((text) => document.execCommand("insertText", false, text), text);
}

test("thirty pasted digits are an error, not another number", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await paste(checkout, "number", "424242424242424242424242424242");
  await expect.poll(() => checkout.state("number")).toMatchObject({ error: { code: "card_number_invalid" } });
});

test("a pasted paragraph leaves its digits only", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await paste(checkout, "number", "My card is 4242 4242\u00a04242-4242, thank you! — Zoë");
  await expect(checkout.input("number")).toHaveValue("4242 4242 4242 4242");
});

test("a four-digit code on Visa is refused, also when the number comes later", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.type("cvc", "1234");
  await expect.poll(() => checkout.state("cvc")).toMatchObject({ complete: true });
  await checkout.type("number", "4242424242424242");
  await expect
    .poll(() => checkout.state("cvc"))
    .toMatchObject({ complete: false, error: { code: "cvc_invalid" } });
  await checkout.type("expiry", "1229");
  expect(await checkout.tokenize()).toMatchObject({ code: "cvc_invalid", blame: "input", field: "cvc" });
});

test("tokenize() before the card is complete names the first field and marks it", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.type("number", "4242");
  expect(await checkout.tokenize()).toMatchObject({
    code: "card_number_incomplete",
    blame: "input",
    field: "number",
  });
  await expect(checkout.input("number")).toHaveAttribute("aria-invalid", "true");
  const described = await checkout.input("number").getAttribute("aria-describedby");
  await expect(checkout.frame("number").locator(`#${described}`)).not.toBeEmpty();
});

test("tokenize() is refused while one is under way", async ({ checkout }) => {
  await checkout.mount();
  await checkout.fill("4242424242424242");
  const [first, second] = await Promise.all([checkout.tokenize(), checkout.tokenize()]);
  expect(second).toMatchObject({ code: "tokenize_in_progress", blame: "misuse" });
  expect(first.id).toMatch(/^tok_/);
});

test("nothing works after destroy(), and nothing is left of the form", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.page.evaluate(() => window.fields.destroy());
  expect(await checkout.page.locator("iframe").count()).toBe(0);
  const code = await checkout.page.evaluate(() => window.fields.tokenize().catch((error) => error.code));
  expect(code).toBe("destroyed");
});

test("a spent context makes no second token", async ({ checkout }) => {
  const context = await checkout.context();
  await checkout.mount([context, context]);
  await checkout.fill("4242424242424242");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
  expect(await checkout.tokenize()).toMatchObject({ code: "context_spent", blame: "misuse" });
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

test("a real number that is no published test number is refused by the sandbox", async ({ checkout }) => {
  await checkout.mount();
  await checkout.fill("4539578763621486");
  expect(await checkout.tokenize()).toMatchObject({ code: "test_card_required" });
});

test("a form is refused in a page whose origin the context does not list", async ({ checkout, context }) => {
  const other = await checkout.sandbox.context({ origins: [checkout.origin] });
  // The same server under another name is another origin.
  const page = await context.newPage();
  await page.goto(checkout.origin.replace("127.0.0.1", "localhost"));
  await page.waitForFunction(() => window.cardseal !== undefined);
  const code = await page.evaluate(
    ({ vault, merchant, other }) => {
      const fields = window.cardseal.createFields({
        vault,
        merchant,
        timeout: 4000,
        context: async () => other,
      });
      fields.mount("number", "#number");
      return fields.ready.then(() => "ready").catch((error) => error.code);
    },
    { vault: checkout.sandbox.vault, merchant: checkout.sandbox.merchant, other },
  );
  // The vault's own frame-ancestors stops the browser before the frame could tell why.
  expect(code).toBe("frame_timeout");
});

test("a signal that is none is refused and locks nothing", async ({ checkout }) => {
  await checkout.mount();
  await checkout.fill("4242424242424242");
  const codes = await checkout.page.evaluate(() =>
    Promise.all(
      [new AbortController(), null, "signal", 1].map((none) =>
        window.fields.tokenize({ signal: none as unknown as AbortSignal }).catch((error) => error.code),
      ),
    ),
  );
  expect(codes).toEqual(Array(4).fill("options_invalid"));
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

test("an aborted call ends with aborted, and the next one makes the token", async ({ checkout }) => {
  await checkout.mount();
  await checkout.fill("4242424242424242");
  const code = await checkout.page.evaluate(() => {
    const controller = new AbortController();
    const token = window.fields.tokenize({ signal: controller.signal });
    controller.abort();
    return token.catch((error) => error.code);
  });
  expect(code).toBe("aborted");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

test("no refusal leaves a digit in what the vault printed or in an event", async ({ checkout }) => {
  await checkout.mount();
  await checkout.fill("4539578763621486", "1229", "871");
  await checkout.tokenize();
  const events = await checkout.page.evaluate(() => JSON.stringify(window.events) + window.received.join());
  for (const text of [events, checkout.sandbox.program.output]) {
    // Eight digits in a row, or the code as a value: shorter runs occur in random text.
    expect(text).not.toMatch(/45395787|63621486|["' ]871["' ]/);
  }
});
