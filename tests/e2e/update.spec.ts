// What update() of a field sets, and how each option is set back.

import { type Checkout, expect, test } from "./checkout.ts";
import { computed, mount, soon } from "./look.ts";

/** Calls update() of the number's or the code's handle. */
function update(checkout: Checkout, options: object, field: "number" | "cvc" = "number"): Promise<void> {
  return checkout.page.evaluate(({ field, options }) => window.mounted[field].update(options), {
    field,
    options,
  });
}

test("each option that update() sets is as it was before once it is null, and others stay", async ({
  checkout,
}) => {
  await mount(checkout, {}, { number: { color: "rgb(1, 2, 3)" } });
  const frame = checkout.frame("number");
  const input = checkout.input("number");
  const label = frame.locator("label");
  const title = checkout.page.locator("#number > iframe");

  await update(checkout, { label: "Numéro", placeholder: "Ici" });
  await expect(label).toHaveText("Numéro");
  await expect(title).toHaveAttribute("title", "Numéro");
  await update(checkout, { label: null });
  await expect(label).toHaveText("Card number");
  await expect(title).toHaveAttribute("title", "Card number");
  await expect(input).toHaveAttribute("placeholder", "Ici");
  await update(checkout, { placeholder: null, label: undefined });
  await expect(input).toHaveAttribute("placeholder", "1234 1234 1234 1234");

  await update(checkout, { label: "" });
  await expect(label).toHaveClass("unseen");
  await update(checkout, { label: null });
  await expect(label).not.toHaveClass("unseen");

  await update(checkout, { labelledBy: "h1" });
  await expect(label).toHaveText("Checkout");
  await expect(label).toHaveClass("unseen");
  await update(checkout, { labelledBy: null });
  await expect(label).toHaveText("Card number");
  await expect(label).not.toHaveClass("unseen");
  await checkout.page.locator("h1").click();
  await expect(input).not.toBeFocused();

  await update(checkout, { disabled: true });
  await expect(input).toBeDisabled();
  await update(checkout, { placeholder: "Ici" });
  await expect(input).toHaveAttribute("placeholder", "Ici");
  await expect(input).toBeDisabled();
  await update(checkout, { disabled: null });
  await expect(input).toBeEnabled();

  expect(await computed(checkout, "color")).toBe("rgb(1, 2, 3)");
  await update(checkout, { style: null });
  await soon(checkout, "color").toBe("rgb(23, 33, 43)");
});

test("moving on can be switched on and back", async ({ checkout }) => {
  await mount(checkout);
  await update(checkout, { advance: true });
  await checkout.type("number", "4242424242424242");
  await expect(checkout.input("expiry")).toBeFocused();
  await update(checkout, { advance: null });
  await checkout.type("number", "");
  await checkout.page.keyboard.press("End");
  await checkout.page.keyboard.press("Backspace");
  await checkout.page.keyboard.type("2");
  await expect(checkout.input("number")).toHaveValue("4242 4242 4242 4242");
  await checkout.page.waitForTimeout(300);
  await expect(checkout.input("number")).toBeFocused();
});

test("an option that cannot be taken changes nothing", async ({ checkout }) => {
  await mount(checkout);
  await update(checkout, { label: "Numéro" });
  const code = await checkout.page.evaluate(() => {
    try {
      window.mounted.number.update({ label: null, disabled: "yes" as unknown as boolean });
    } catch (error) {
      return (error as { code: string }).code;
    }
    return "taken";
  });
  expect(code).toBe("options_invalid");
  await update(checkout, { disabled: true });
  await expect(checkout.input("number")).toBeDisabled();
  await expect(checkout.frame("number").locator("label")).toHaveText("Numéro");
});

test("what was updated holds in a frame that is loaded anew", async ({ checkout }) => {
  await mount(checkout);
  await update(checkout, { label: "Numéro", style: { color: "rgb(4, 5, 6)" } });
  await checkout.page.evaluate(() => {
    const number = document.querySelector("#number");
    number?.parentElement?.append(number);
  });
  await expect(checkout.page.frameLocator("#number > iframe").locator("label")).toHaveText("Numéro");
  await soon(checkout, "color").toBe("rgb(4, 5, 6)");
});
