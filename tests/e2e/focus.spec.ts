// The focus as WebKit has it: no event of an element when the pointer goes from frame to frame, and no focus for a script in a
// frame that the shopper has not touched. Chromium is made to behave so.

import { type Checkout, expect, test } from "./checkout.ts";
import { mount, within } from "./mounting.ts";

/** What the page heard of the focus, and forgets. */
async function heard(checkout: Checkout): Promise<string[]> {
  return checkout.page.evaluate(() =>
    window.events
      .splice(0)
      .filter(({ name }) => name === "focus" || name === "blur")
      .map(({ name, event }) => `${name} ${(event as { field: string }).field}`),
  );
}

/** How often a frame has said that it got no focus. */
async function unfocused(checkout: Checkout): Promise<number> {
  return checkout.page.evaluate(
    () => window.received.filter((message) => message.includes('"unfocused"')).length,
  );
}

/** Runs in each frame: until a key or the pointer was there, focus() does nothing. */
function untouched(): void {
  if (window === window.top) return;
  let touched = false;
  for (const type of ["keydown", "pointerdown"])
    addEventListener(
      type,
      () => {
        touched = true;
      },
      true,
    );
  const { focus } = HTMLElement.prototype;
  HTMLElement.prototype.focus = function () {
    if (touched) focus.call(this);
  };
}

test("a field whose window alone lost the focus is told as left, and as entered again", async ({
  checkout,
}) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.type("number", "4242");
  await expect.poll(() => heard(checkout)).toEqual(["focus number"]);
  await checkout.frame("number").evaluate(() => {
    document.hasFocus = () => false;
    dispatchEvent(new Event("blur"));
  });
  await expect.poll(() => heard(checkout)).toEqual(["blur number"]);
  await expect(checkout.frame("number").locator("p")).toHaveText("Enter the full card number.");
  await checkout.frame("number").evaluate(() => {
    document.hasFocus = () => true;
    dispatchEvent(new Event("focus"));
  });
  await expect.poll(() => heard(checkout)).toEqual(["focus number"]);
});

test("where a script gets no focus, the first key after focus() goes into the field, and Tab past none", async ({
  checkout,
}) => {
  await checkout.page.addInitScript(untouched);
  await mount(checkout, { number: {}, expiry: {}, cvc: { disabled: true } });
  await checkout.page.evaluate(() => window.mounted.number.focus());
  await expect(checkout.page.locator("#number iframe")).toBeFocused();
  await checkout.page.keyboard.type("42");
  await expect(checkout.input("number")).toHaveValue("42");
  await expect.poll(() => heard(checkout)).toEqual(["focus number"]);
  await checkout.page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await checkout.page.evaluate(() => window.mounted.expiry.focus());
  await expect(checkout.page.locator("#expiry iframe")).toBeFocused();
  await expect.poll(() => unfocused(checkout)).toBe(2);
  await checkout.page.keyboard.press("Tab");
  await expect(checkout.input("expiry")).toBeFocused();
});

test("where a script gets no focus, moving on takes the next key to the next field", async ({ checkout }) => {
  await checkout.page.addInitScript(untouched);
  await mount(checkout, { number: { advance: true }, expiry: {} });
  await checkout.type("number", "4242424242424242");
  await expect(checkout.page.locator("#expiry iframe")).toBeFocused();
  await checkout.page.keyboard.type("1229");
  await expect(checkout.input("expiry")).toHaveValue("12 / 29");
  await expect(checkout.input("number")).toHaveValue("4242 4242 4242 4242");
});

test("where a script gets no focus, the next key goes to the input of a card that is to have it now, not to one before", async ({
  checkout,
}) => {
  await checkout.page.addInitScript(untouched);
  await mount(checkout, { card: {} });
  const focus = () =>
    checkout.page.evaluate(() => (window.mounted as unknown as { card: { focus(): void } }).card.focus());
  await focus();
  await expect(checkout.page.locator("#card iframe")).toBeFocused();
  await within(checkout, "number").evaluate((input: HTMLInputElement) => {
    input.value = "4242424242424242";
    input.dispatchEvent(new Event("input"));
  });
  await focus();
  await expect.poll(() => unfocused(checkout)).toBe(2);
  await checkout.page.keyboard.type("12");
  await expect(within(checkout, "expiry")).toHaveValue(/^12/);
});
