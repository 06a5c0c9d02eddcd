// What happens when a form with custom elements is submitted or asked whether it is valid: what it shows, and how many
// tokens and contexts that costs.

import { MAGIC_CARDS } from "../../js/testing/magic.js";
import { type Checkout, expect, test } from "./checkout.ts";
import { changes, FIELDS, failed, fill, type Order, open, order, sent } from "./markup.ts";

const TOKEN = "payment_token";

/** A form whose fields are not ready until they are said to arrive, and an input of the page's after it. */
async function orderSlow(checkout: Checkout): Promise<Order & { arrive: () => void }> {
  const ordered = await order(checkout, { fields: "", beside: '<input id="email" aria-label="Email">' });
  let arrive = (): void => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  await ordered.page.route("**/assets/field-*.js", async (route) => {
    await arrived;
    await route.continue();
  });
  await ordered.page.evaluate((fields) => {
    const form = document.querySelector("card-form");
    if (form) form.innerHTML = fields;
  }, FIELDS);
  return { ...ordered, arrive };
}

test("Enter in a field submits by the form's button, and a token is used again until something is typed", async ({
  checkout,
}) => {
  const page = await open(checkout, { formAttributes: 'name="card"' });
  await fill(checkout);
  await page.keyboard.press("Enter");
  await expect.poll(() => sent(page)).toHaveLength(1);
  await page.getByRole("button").click();
  await expect.poll(() => sent(page)).toHaveLength(2);
  await checkout.input("number").press("End");
  await page.keyboard.press("Backspace");
  await page.keyboard.type("2");
  await page.keyboard.press("Enter");
  await expect.poll(() => sent(page)).toHaveLength(3);
  const [first, second, third] = await sent(page);
  expect(first?.[0]?.[0]).toBe("card");
  expect(first?.[1]).toEqual(["how", "now"]);
  expect(second).toEqual(first);
  expect(third?.[0]?.[1]).not.toBe(first?.[0]?.[1]);
});

test("a field that is not filled in is :invalid, holds the form back and shows why, at no cost to the vault", async ({
  checkout,
}) => {
  const { page, tokens, contexts } = await order(checkout);
  await expect(page.locator("card-number:invalid")).toHaveCount(1);
  await checkout.type("number", "4242424242424242");
  await expect(page.locator("card-number:valid")).toHaveCount(1);
  await checkout.type("expiry", "12");
  const validity = () =>
    page.evaluate(() =>
      ["expiry", "cvc"].map((field) => {
        const element = document.querySelector<HTMLInputElement>(`card-${field}`) as HTMLInputElement;
        const { valueMissing, badInput } = element.validity;
        return [valueMissing, badInput, element.validationMessage];
      }),
    );
  // What Chromium says of inputs of its own.
  expect(await validity()).toEqual([
    [false, true, "Please match the requested format."],
    [true, false, "Please fill out this field."],
  ]);
  await page.getByRole("button").click();
  for (const field of ["expiry", "cvc"] as const)
    await expect(checkout.input(field)).toHaveAttribute("aria-invalid", "true");
  await expect(checkout.input("expiry")).toBeFocused();
  await expect.poll(validity).toEqual([
    [false, true, "Enter month and year."],
    [true, false, "Enter the full code."],
  ]);
  expect([await sent(page), await failed(page), await tokens(), contexts()]).toEqual([[], [], [], 1]);
  expect(await page.locator("[tabindex]").count()).toBe(0);

  await page.keyboard.type("31");
  await checkout.type("cvc", "123");
  await page.getByRole("button").click();
  await expect.poll(() => sent(page)).toHaveLength(1);
  expect(await tokens()).toEqual([(await sent(page))[0]?.[0]?.[1]]);
});

test("a field that is not ready when the form is submitted gets the focus as soon as it is", async ({
  checkout,
}) => {
  const { page, tokens, arrive } = await orderSlow(checkout);
  await page.getByRole("button").click();
  // What is no place for the focus any more loses it when the page is next drawn.
  await page.waitForTimeout(500);
  arrive();
  await expect(page.frameLocator("card-number > iframe").locator("#number")).toBeFocused();
  await page.keyboard.type("4242424242424242");
  await checkout.type("expiry", "1231");
  await checkout.type("cvc", "123");
  expect(await page.locator("[tabindex]").count()).toBe(0);
  expect([await sent(page), await tokens()]).toEqual([[], []]);
});

test("a field that is not ready when the form is submitted takes no focus that is elsewhere by then", async ({
  checkout,
}) => {
  const { page, arrive } = await orderSlow(checkout);
  await page.getByRole("button").click();
  await page.locator("#email").click();
  await page.keyboard.type("a@shop");
  expect(await page.locator("[tabindex]").count()).toBe(0);
  arrive();
  await checkout.frame("number").locator("#number").waitFor();
  await expect(page.locator("card-number")).toHaveClass(/cardseal-empty/);
  await page.keyboard.type(".example");
  await expect(page.locator("#email")).toHaveValue("a@shop.example");
});

test("a page that asks all the time whether the form is valid changes nothing by it", async ({
  checkout,
}) => {
  const { page, tokens, contexts } = await order(checkout);
  await page.evaluate(() => {
    const form = document.querySelector("form");
    addEventListener("change", () => {
      document.querySelector("button")?.toggleAttribute("disabled", form?.checkValidity() === false);
    });
  });
  await checkout.type("number", "4242424242424242");
  await checkout.type("expiry", "1");
  await expect(checkout.input("expiry")).toBeFocused();
  // Whatever a check might set off has been set off by the time that the next one is through.
  expect(await page.evaluate(() => document.querySelector("form")?.checkValidity())).toBe(false);
  await page.keyboard.type("231");
  await expect(checkout.input("expiry")).toHaveValue("12 / 31");
  expect([await failed(page), await tokens(), contexts()]).toEqual([[], [], 1]);
  expect((await changes(page)).filter(({ field, error }) => error || field === "cvc")).toEqual([]);
  await checkout.type("cvc", "123");
  await page.getByRole("button").click();
  await expect.poll(() => sent(page)).toHaveLength(1);
  expect(await tokens()).toHaveLength(1);
});

test("reportValidity() shows what its element lacks, or all of the form, unless the page does that itself", async ({
  checkout,
}) => {
  const { page, tokens } = await order(checkout);
  const wrong = () =>
    Promise.all(
      (["number", "expiry", "cvc"] as const).map((field) =>
        checkout.input(field).getAttribute("aria-invalid"),
      ),
    );
  const report = (selector: string) =>
    page.evaluate(
      (selector) => document.querySelector<HTMLFormElement>(selector)?.reportValidity(),
      selector,
    );
  const untouched = await wrong();
  await page.evaluate(() => {
    document.addEventListener("invalid", (event) => event.preventDefault(), { capture: true, once: true });
  });
  expect(await report("card-number")).toBe(false);
  expect(await report("card-cvc")).toBe(false);
  await expect(checkout.input("cvc")).toBeFocused();
  await expect(checkout.input("cvc")).toHaveAttribute("aria-invalid", "true");
  expect((await wrong()).slice(0, 2)).toEqual(untouched.slice(0, 2));
  // As pages do that show nothing to whom has nothing to correct.
  expect(
    await page.evaluate(() => {
      const form = document.querySelector("form");
      return form?.checkValidity() || form?.reportValidity();
    }),
  ).toBe(false);
  await expect(checkout.input("number")).toBeFocused();
  await expect.poll(wrong).toEqual(["true", "true", "true"]);
  await page.evaluate(() => document.querySelector("form")?.reset());
  await expect.poll(wrong).toEqual(untouched);
  expect(await tokens()).toEqual([]);
});

test("a card that the vault refuses shows why and submits nothing, and may be corrected", async ({
  checkout,
}) => {
  const { page, tokens } = await order(checkout);
  await fill(checkout, MAGIC_CARDS.cardNotAccepted.number);
  await page.getByRole("button").click();
  await expect.poll(() => failed(page)).toEqual(["card_not_accepted"]);
  await expect(checkout.input("number")).toHaveAttribute("aria-invalid", "true");
  await expect(checkout.input("number")).toBeFocused();
  expect([await sent(page), await tokens()]).toEqual([[], []]);
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("4242424242424242");
  await page.keyboard.press("Enter");
  await expect.poll(() => sent(page)).toHaveLength(1);
  expect(await tokens()).toHaveLength(1);
});

test("a form with novalidate shows what is missing as well", async ({ checkout }) => {
  const { page, tokens } = await order(checkout);
  await page.evaluate(() => document.querySelector("form")?.toggleAttribute("novalidate"));
  await checkout.type("number", "4242424242424242");
  await page.getByRole("button").click();
  await expect.poll(() => failed(page)).toEqual(["expiry_incomplete"]);
  await expect(checkout.input("expiry")).toBeFocused();
  expect([await sent(page), await tokens()]).toEqual([[], []]);
});

test("a second click while a token is made makes no second, nor does what else holds the form back", async ({
  checkout,
}) => {
  const { page, tokens } = await order(checkout, {
    beside: '<input id="terms" aria-label="Terms" required>',
  });
  await fill(checkout);
  const terms = page.locator("#terms");
  await terms.fill("yes");
  let clicked = 0;
  await page.route(`${checkout.sandbox.vault}/v1/tokens`, async (route) => {
    await expect.poll(() => clicked).toBe(2);
    await route.continue();
  });
  for (; clicked < 2; clicked += 1) await page.getByRole("button").click();
  // Taken back meanwhile: the form has its token, and is held back all the same.
  await terms.fill("");
  await expect.poll(tokens).toHaveLength(1);
  await expect.poll(() => page.evaluate(() => [...new FormData(document.forms[0]).keys()])).toContain(TOKEN);
  await expect(terms).toBeFocused();
  expect(await sent(page)).toEqual([]);
  await terms.fill("yes");
  await page.getByRole("button").click();
  await expect.poll(() => sent(page)).toHaveLength(1);
  expect(await tokens()).toEqual([(await sent(page))[0]?.[0]?.[1]]);
});

test("a field that the context does not ask for holds the form back until it may be empty, and costs no token", async ({
  checkout,
}) => {
  const { page, tokens, contexts } = await order(checkout, { request: { fields: ["number", "expiry"] } });
  await checkout.type("number", "4242424242424242");
  await checkout.type("expiry", "1231");
  await page.getByRole("button").click();
  await expect(checkout.input("cvc")).toBeFocused();
  await expect(checkout.input("cvc")).toHaveAttribute("aria-invalid", "true");
  expect([await sent(page), await tokens(), contexts()]).toEqual([[], [], 1]);
  await page.evaluate(() => document.querySelector("card-cvc")?.setAttribute("optional", ""));
  await page.getByRole("button").click();
  await expect.poll(() => sent(page)).toHaveLength(1);
  expect(await tokens()).toHaveLength(1);
});

test("a card's name and postal code may stay empty, and it makes one token", async ({ checkout }) => {
  const { page, tokens, contexts } = await order(checkout, { fields: "" });
  await page.evaluate(() => {
    const made = document.createElement("card-combined");
    made.options = { inputs: ["name", "number", "expiry", "cvc", "postal_code"] };
    document.querySelector("card-form")?.append(made);
  });
  const inputs = page.frameLocator("card-combined > iframe");
  await inputs.locator("#postal_code").waitFor();
  const type = async (field: string, text: string) => {
    await inputs.locator(`#${field}`).click();
    await expect(inputs.locator(`#${field}`)).toBeFocused();
    await page.keyboard.type(text);
  };
  await type("number", "4242424242424242");
  await type("expiry", "1231");
  await page.getByRole("button").click();
  await expect(inputs.locator("#cvc")).toBeFocused();
  await expect(inputs.locator("[aria-invalid=true]")).toHaveCount(1);
  expect([await sent(page), await tokens(), contexts()]).toEqual([[], [], 1]);
  await page.keyboard.type("123");
  await expect(page.locator("card-combined:valid")).toHaveCount(1);
  await page.getByRole("button").click();
  await expect.poll(() => sent(page)).toHaveLength(1);
  await expect.poll(contexts).toBe(2);
  expect(await tokens()).toEqual([(await sent(page))[0]?.[0]?.[1]]);
});
