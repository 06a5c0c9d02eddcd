import AxeBuilder from "@axe-core/playwright";
import { type Checkout, expect, type Field, test } from "./checkout.ts";

const states: [string, (checkout: Checkout) => Promise<void>][] = [
  ["empty", async () => {}],
  ["filled", (checkout) => checkout.fill("4242424242424242")],
  [
    "invalid",
    async (checkout) => {
      await checkout.fill("4242424242424241", "1220", "12");
      await checkout.input("number").focus();
      await checkout.tokenize();
    },
  ],
];

for (const [state, bring] of states) {
  test(`axe finds nothing in the page or any frame, ${state}`, async ({ checkout }) => {
    await checkout.mount();
    await checkout.ready();
    await bring(checkout);
    const results = await new AxeBuilder({ page: checkout.page }).analyze();
    expect(results.violations).toEqual([]);
    // A frame that axe could not enter would pass unseen.
    const entered = results.passes.flatMap(({ nodes }) => nodes.map(({ target }) => String(target[0])));
    for (const name of ["Card number", "Expiry date", "Security code"]) {
      expect(entered).toContain(`iframe[title="${name}"]`);
    }
    expect(await checkout.violations()).toEqual([]);
  });
}

const names: [Field, string, string, string][] = [
  ["number", "Card number", "numeric", "cc-number"],
  ["expiry", "Expiry date", "numeric", "cc-exp"],
  ["cvc", "Security code", "numeric", "cc-csc"],
];

for (const [field, name, inputmode, autocomplete] of names) {
  test(`the ${field} field is called "${name}" and asks for the right keyboard and autofill`, async ({
    checkout,
  }) => {
    await checkout.mount();
    await checkout.ready();
    const input = checkout.frame(field).getByRole("textbox", { name });
    await expect(input).toHaveAttribute("inputmode", inputmode);
    await expect(input).toHaveAttribute("autocomplete", autocomplete);
    await expect(input).not.toHaveAttribute("name");
    const frame = await checkout.frame(field).frameElement();
    expect(await frame.getAttribute("title")).toBe(name);
  });
}

test("an error is announced politely when the field is left", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.type("number", "4242");
  await checkout.page.keyboard.press("Tab");
  const live = checkout.frame("number").locator("p[aria-live=polite]");
  await expect(live).not.toBeEmpty();
  await expect(checkout.input("number")).toHaveAttribute("aria-invalid", "true");
});

test("in forced colours the focused field can be told from the others", async ({ checkout }) => {
  await checkout.page.emulateMedia({ forcedColors: "active" });
  await checkout.mount();
  await checkout.ready();
  await checkout.input("number").focus();
  await expect(checkout.input("number")).toBeFocused();
  const outline = (field: Field) =>
    checkout.input(field).evaluate((input) => getComputedStyle(input).outlineStyle);
  expect(await outline("number")).toBe("solid");
  expect(await outline("cvc")).toBe("none");
});
