// A card: several inputs in one frame, which are fields like any other.

import type * as Cardseal from "../../js/index.js";
import { type Checkout, expect, type Field, test } from "./checkout.ts";
import { cardOf, mount, stored, thrown, typeInto, within } from "./mounting.ts";

async function fill(checkout: Checkout, number = "4242424242424242"): Promise<void> {
  await typeInto(checkout, "number", number);
  await typeInto(checkout, "expiry", "1229");
  await typeInto(checkout, "cvc", "123");
}

test("a card has number, expiry and code in one frame, and makes a token of them", async ({ checkout }) => {
  await mount(checkout, { card: {} });
  expect(checkout.page.frames()).toHaveLength(3);
  await fill(checkout);
  const { id, last4 } = await checkout.tokenize();
  expect(last4).toBe("4242");
  expect(stored(checkout, id)).toMatchObject({ number: "4242424242424242", exp_month: 12, exp_year: 2029 });
});

test("a card has the inputs that it is given, in their order, and the keyboard follows it", async ({
  checkout,
}) => {
  const inputs: Field[] = ["name", "number", "month", "year", "cvc", "postal_code"];
  await mount(checkout, { card: { inputs } });
  await within(checkout, "name").focus();
  for (const [at, text] of ["Zoë", "4242424242424242", "12", "29", "123", "SW1A 1AA"].entries()) {
    await expect(within(checkout, inputs[at] as Field)).toBeFocused();
    await checkout.page.keyboard.type(text);
    await checkout.page.keyboard.press("Tab");
  }
  await expect(within(checkout, "postal_code")).not.toBeFocused();
  await within(checkout, "number").focus();
  await checkout.page.keyboard.press("Shift+Tab");
  await expect(within(checkout, "name")).toBeFocused();
  const { id } = await checkout.tokenize();
  expect(stored(checkout, id)).toMatchObject({ name: "Zoë", postal_code: "SW1A 1AA", exp_year: 2029 });
});

test("each event says which input it is about, and a change what the card is as a whole", async ({
  checkout,
}) => {
  await mount(checkout, { card: {} }, { expose: ["brand"] });
  await fill(checkout);
  await checkout.page.keyboard.press("Enter");
  await expect.poll(() => checkout.state("cvc")).toMatchObject({ complete: true });
  const events = await checkout.page.evaluate(() => window.events);
  const told = events.map(({ name, event }) => `${name} ${(event as Cardseal.FieldEvent).field}`);
  const moments = told.filter((what) => !what.startsWith("change"));
  expect(moments).toEqual([
    "ready card",
    "focus number",
    "brand number",
    "blur number",
    "focus expiry",
    "blur expiry",
    "focus cvc",
    "enter cvc",
  ]);
  const wholes = events
    .filter(({ name }) => name === "change")
    .map(({ event }) => (event as Cardseal.ChangeEvent).card);
  expect(wholes[0]).toEqual({ empty: false, complete: false });
  expect(wholes.filter((card) => card?.complete)).toHaveLength(1);
  expect(wholes.at(-1)).toEqual({ empty: false, complete: true });
  await expect(checkout.page.locator("#card")).toHaveClass("cardseal-focused cardseal-complete");
});

test("a field by itself says nothing of a card", async ({ checkout }) => {
  await mount(checkout, { number: {} });
  await checkout.type("number", "4");
  await expect.poll(() => checkout.state("number")).toBeDefined();
  expect(await checkout.state("number")).not.toHaveProperty("card");
});

test("each wrong input is marked and told by a sentence of its own, and focus() goes to the first", async ({
  checkout,
}) => {
  await mount(checkout, { card: {} });
  await typeInto(checkout, "number", "4242424242424242");
  expect(await checkout.tokenize()).toMatchObject({ code: "expiry_incomplete", field: "expiry" });
  for (const [field, wrong] of [
    ["number", false],
    ["expiry", true],
    ["cvc", true],
  ] as const) {
    const input = within(checkout, field);
    await expect(input).toHaveAttribute("aria-invalid", String(wrong));
    if (!wrong) continue;
    const described = cardOf(checkout).locator(`#${await input.getAttribute("aria-describedby")}`);
    await expect(described).not.toBeEmpty();
    await expect(described).toHaveAttribute("aria-live", "polite");
  }
  await expect(checkout.page.locator("#card")).toHaveClass("cardseal-focused cardseal-invalid");
  await checkout.page.evaluate(() => window.mounted["card" as "number"].focus());
  await expect(within(checkout, "expiry")).toBeFocused();
  await checkout.page.evaluate(() => window.mounted["card" as "number"].blur());
  await expect(within(checkout, "expiry")).not.toBeFocused();
});

test("a sentence that two inputs have is seen once, and describes both", async ({ checkout }) => {
  await mount(checkout, { card: { inputs: ["number", "month", "year"] } });
  await typeInto(checkout, "number", "4242424242424242");
  await checkout.tokenize();
  const sentence = cardOf(checkout).getByText("Enter month and year.");
  await expect(sentence).toHaveCount(2);
  await expect(sentence.first()).toBeVisible();
  await expect(sentence.last()).toBeHidden();
  for (const field of ["month", "year"] as const)
    await expect(within(checkout, field)).toHaveAccessibleDescription("Enter month and year.");
  await typeInto(checkout, "month", "12");
  await expect(sentence).toHaveCount(1);
  await expect(sentence).toBeVisible();
});

test("clear empties every input, and disabled takes every one out", async ({ checkout }) => {
  await mount(checkout, { card: {} });
  await fill(checkout);
  await checkout.page.evaluate(() => {
    window.mounted["card" as "number"].clear();
    window.mounted["card" as "number"].update({ disabled: true });
  });
  for (const field of ["number", "expiry", "cvc"] as const) {
    await expect(within(checkout, field)).toHaveValue("");
    await expect(within(checkout, field)).toBeDisabled();
  }
  await expect(checkout.page.locator("#card")).toHaveClass("cardseal-empty");
});

test("the focus moves from input to input, and on to the page's next field, only where it is wished", async ({
  checkout,
}) => {
  await mount(checkout, { card: { advance: true }, name: {} });
  await typeInto(checkout, "number", "4242424242424242");
  await expect(within(checkout, "expiry")).toBeFocused();
  await checkout.page.keyboard.type("1229");
  await expect(within(checkout, "cvc")).toBeFocused();
  await checkout.page.keyboard.type("123");
  await expect(checkout.input("name")).toBeFocused();
  await checkout.page.evaluate(() => window.mounted["card" as "number"].update({ advance: false }));
  await within(checkout, "number").fill("");
  await typeInto(checkout, "number", "4242424242424242");
  await expect(within(checkout, "number")).toBeFocused();
});

test("the page's own texts name the card and its inputs", async ({ checkout }) => {
  await mount(checkout, {
    card: { label: "Your <card>", labels: { number: "No." }, placeholders: { number: "", cvc: "3 digits" } },
  });
  const frame = await cardOf(checkout).frameElement();
  await expect.poll(() => frame.getAttribute("title")).toBe("Your <card>");
  await expect(cardOf(checkout).getByRole("textbox", { name: "No.", exact: true })).toHaveAttribute(
    "placeholder",
    "",
  );
  await expect(within(checkout, "cvc")).toHaveAttribute("placeholder", "3 digits");
  await expect(within(checkout, "expiry")).toHaveAttribute("placeholder", "MM / YY");
  await checkout.page.evaluate(() =>
    (window.mounted as unknown as { card: Cardseal.FieldHandle<"card"> }).card.update({
      labels: { number: "No.", cvc: "Code" },
    }),
  );
  await expect(cardOf(checkout).getByRole("textbox", { name: "Code", exact: true })).toBeVisible();
  await expect(cardOf(checkout).getByRole("textbox", { name: "No.", exact: true })).toBeVisible();
});

test("an update before the frame loads leaves the inputs as they were mounted, and no update changes them", async ({
  checkout,
}) => {
  await checkout.open();
  const context = await checkout.context();
  await checkout.page.evaluate(
    ({ vault, context }) => {
      window.fields = window.cardseal.createFields({ vault, context: () => context });
      const handle = window.fields.mount("card", "#number", {
        inputs: ["number", "month"],
        control: "select",
      });
      handle.update({ labels: { number: "No." } });
      Object.assign(window, { handle });
    },
    { vault: checkout.sandbox.vault, context },
  );
  expect(await checkout.ready()).toBe("ready");
  await expect(cardOf(checkout).getByRole("textbox", { name: "No." })).toBeVisible();
  await expect(cardOf(checkout).locator("section :is(input, select)[id]")).toHaveCount(2);
  expect(await thrown(checkout, () => Reflect.get(window, "handle").update({ inputs: ["number"] }))).toBe(
    "options_invalid",
  );
  expect(await thrown(checkout, () => Reflect.get(window, "handle").update({ control: "input" }))).toBe(
    "options_invalid",
  );
});

test("what a card cannot have is refused, and nothing is mounted", async ({ checkout }) => {
  await mount(checkout, { name: {} });
  expect(await thrown(checkout, () => window.fields.mount("card", "#number", { inputs: [] }))).toBe(
    "options_invalid",
  );
  expect(
    await thrown(checkout, () => window.fields.mount("card", "#number", { inputs: ["number", "number"] })),
  ).toBe("field_already_mounted");
  expect(
    await thrown(checkout, () => window.fields.mount("card", "#number", { inputs: ["expiry", "year"] })),
  ).toBe("field_already_mounted");
  expect(await thrown(checkout, () => window.fields.mount("card", "#number", { inputs: ["name"] }))).toBe(
    "field_already_mounted",
  );
  await expect(checkout.page.locator("#number iframe")).toHaveCount(0);
});

test("a hostile address of a card's frame gives it no field twice", async ({ checkout }) => {
  await mount(checkout, { card: {} });
  await checkout.page.evaluate(() => {
    const frame = document.querySelector<HTMLIFrameElement>("#card iframe");
    if (frame) frame.src = frame.src.replace("/card?", "/card?x&").replace(/#.*/, "#number,number,<b>,card");
  });
  await expect(cardOf(checkout).locator("section input[id]")).toHaveCount(1);
});
