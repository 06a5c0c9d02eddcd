// Fields beyond the usual three, and what the page may ask of each: labels, placeholders, disabling, moving on.

import type * as Cardseal from "../../js/index.js";
import { type Checkout, expect, test } from "./checkout.ts";
import { type Given, mount, stored } from "./mounting.ts";

async function update(checkout: Checkout, field: "number" | "cvc", options: object): Promise<void> {
  await checkout.page.evaluate(({ field, options }) => window.mounted[field].update(options), {
    field,
    options,
  });
}

const ALL: Given = { number: {}, expiry: {}, cvc: {}, name: {}, postal_code: {} };

test("a name and a postal code are sealed with the card", async ({ checkout }) => {
  await mount(checkout, ALL);
  await checkout.fill("4242424242424242");
  await checkout.type("name", "Zoë O’Neill-Łęcka");
  await checkout.type("postal_code", "SW1A 1AA");
  const { id } = await checkout.tokenize();
  expect(stored(checkout, id)).toMatchObject({ name: "Zoë O’Neill-Łęcka", postal_code: "SW1A 1AA" });
});

test("a field that the context does not ask for may stay empty, but not be wrong", async ({ checkout }) => {
  await mount(checkout, ALL);
  await checkout.fill("4242424242424242");
  await checkout.type("name", "4242 4242");
  expect(await checkout.tokenize()).toMatchObject({ code: "name_invalid", field: "name" });
  await expect(checkout.input("name")).toHaveAttribute("aria-invalid", "true");
  await expect(checkout.input("postal_code")).toHaveAttribute("aria-invalid", "false");
  await checkout.input("name").fill("");
  const { id } = await checkout.tokenize();
  expect(stored(checkout, id)).not.toHaveProperty("name");
  expect(stored(checkout, id)).not.toHaveProperty("postal_code");
});

test("a field that the context asks for is due when it is empty or not mounted", async ({ checkout }) => {
  const { postal_code: _, ...mounted } = ALL;
  await mount(checkout, mounted, { fields: ["number", "expiry", "name", "postal_code"] });
  await checkout.fill("4242424242424242");
  expect(await checkout.tokenize()).toMatchObject({ code: "name_invalid", field: "name" });
  await expect(checkout.input("name")).toHaveAttribute("aria-invalid", "true");
  await checkout.type("name", "Zoë");
  expect(await checkout.tokenize()).toMatchObject({ code: "field_not_mounted", field: "postal_code" });
});

for (const [field, name, autocomplete] of [
  ["name", "Name on card", "cc-name"],
  ["postal_code", "Postal code", "postal-code"],
] as const) {
  test(`the ${field} field is called "${name}" and asks for letters and autofill`, async ({ checkout }) => {
    await mount(checkout, { [field]: {} });
    const input = checkout.frame(field).getByRole("textbox", { name, exact: true });
    await expect(input).toHaveAttribute("inputmode", "text");
    await expect(input).toHaveAttribute("autocomplete", autocomplete);
    const frame = await checkout.frame(field).frameElement();
    expect(await frame.getAttribute("title")).toBe(name);
  });
}

test("label and placeholder are the page's text, at mount and later, and never markup", async ({
  checkout,
}) => {
  await mount(checkout, { number: { label: "<b>Kartennummer</b>", placeholder: "<i>" } });
  const named = (name: string) => checkout.frame("number").getByRole("textbox", { name, exact: true });
  await expect(named("<b>Kartennummer</b>")).toHaveAttribute("placeholder", "<i>");
  await update(checkout, "number", { label: "Numéro" });
  await expect(named("Numéro")).toHaveAttribute("placeholder", "<i>");
  await expect(checkout.frame("number").locator("label")).toHaveText("Numéro");
  await expect(checkout.frame("number").locator("label :is(b, i)")).toHaveCount(0);
});

test("a label of the page's focuses the field, around it or for the element it is in", async ({
  checkout,
}) => {
  await mount(checkout, { number: { label: "" }, expiry: { label: "" } });
  await checkout.page.evaluate(() => {
    const of = document.createElement("label");
    of.htmlFor = "number";
    of.textContent = "Number of your card";
    const around = document.createElement("label");
    around.textContent = "Until";
    document.querySelector("main")?.prepend(of, around);
  });
  await checkout.page.getByText("Number of your card").click();
  await expect(checkout.input("number")).toBeFocused();
  const label = checkout.frame("number").getByText("Card number");
  expect(await label.evaluate((label) => getComputedStyle(label).clipPath)).toBe("inset(50%)");
  await expect(checkout.frame("number").getByRole("textbox", { name: "Card number" })).toBeVisible();
});

test("the element that labels a field names it and focuses it", async ({ checkout }) => {
  await checkout.page.addInitScript(() => {
    addEventListener("DOMContentLoaded", () => {
      const label = document.createElement("span");
      label.id = "title";
      label.innerHTML = "Your\n  <em>code</em>";
      document.querySelector("main")?.prepend(label);
    });
  });
  await mount(checkout, { cvc: { labelledBy: "#title" } });
  await expect(checkout.frame("cvc").getByRole("textbox", { name: "Your code", exact: true })).toBeVisible();
  await checkout.page.locator("#title em").click();
  await expect(checkout.input("cvc")).toBeFocused();
});

test("a disabled field cannot be typed into, and what it holds still counts", async ({ checkout }) => {
  await mount(checkout, { number: {}, expiry: {}, cvc: { disabled: true } });
  await expect(checkout.input("cvc")).toBeDisabled();
  await update(checkout, "cvc", { disabled: false });
  await expect(checkout.input("cvc")).toBeEnabled();
  await checkout.fill("4242424242424242");
  await update(checkout, "cvc", { disabled: true });
  await expect(checkout.input("cvc")).toBeDisabled();
  await expect(checkout.input("cvc")).toHaveValue("123");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

test("the focus moves on where the page wishes it, past a disabled field, and not back", async ({
  checkout,
}) => {
  await mount(checkout, {
    number: { advance: true },
    expiry: { disabled: true },
    cvc: { advance: true },
    name: {},
  });
  await checkout.type("number", "4242424242424242");
  await expect(checkout.input("cvc")).toBeFocused();
  await checkout.page.keyboard.type("123");
  await expect(checkout.input("cvc")).toHaveValue("123");
  await expect(checkout.input("name")).toBeFocused();
  // Corrected in the middle it is complete again, but the caret is not at its end.
  await checkout.input("number").click();
  await checkout.page.keyboard.press("Home");
  await checkout.page.keyboard.press("Delete");
  await checkout.page.keyboard.type("4");
  await expect(checkout.input("number")).toBeFocused();
});

test("the focus stays where nobody wished otherwise", async ({ checkout }) => {
  await mount(checkout, { number: {}, expiry: {} });
  await checkout.type("number", "4242424242424242");
  await expect(checkout.input("number")).toBeFocused();
});

for (const [title, number, moves] of [
  ["with 15 digits", "378282246310005", true],
  ["with 14 digits", "36227206271667", true],
  ["of which some have 19 digits, after 16", "6205500000000004", false],
  ["of which some have 19 digits, after 19", "6205500000000000004", true],
  ["with a wrong digit", "4242424242424241", false],
] as const) {
  test(`the focus ${moves ? "moves on from" : "stays in"} a number ${title}`, async ({ checkout }) => {
    await mount(checkout, { number: { advance: true }, expiry: {} });
    await checkout.type("number", number);
    await expect(checkout.input(moves ? "expiry" : "number")).toBeFocused();
  });
}

test("an option of no field, and a text that nobody could read, are refused", async ({ checkout }) => {
  await mount(checkout, { number: {} });
  const code = (options: unknown) =>
    checkout.page.evaluate((options) => {
      try {
        window.mounted.number.update(options as Cardseal.FieldOptions);
        return "taken";
      } catch (error) {
        return (error as Cardseal.CardsealError).code;
      }
    }, options);
  expect(await code({ value: "4242" })).toBe("options_invalid");
  expect(await code({ label: "x".repeat(101) })).toBe("options_invalid");
  expect(await code({ labelledBy: "#nowhere" })).toBe("element_not_found");
  expect(await code({ label: "fine" })).toBe("taken");
});

test("options outlive a frame that the page loads anew", async ({ checkout }) => {
  await mount(checkout, { number: { label: "Kartennummer" } });
  await checkout.page.evaluate(() => {
    const frame = document.querySelector<HTMLIFrameElement>("#number iframe");
    if (frame) frame.src = `${frame.src}`;
  });
  await expect(checkout.frame("number").getByRole("textbox", { name: "Kartennummer" })).toBeVisible();
});
