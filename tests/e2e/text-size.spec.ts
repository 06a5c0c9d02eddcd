// The fields of a shopper whose browser shows text at twice its usual size: WCAG 2.2, criterion 1.4.4.

import { expect, test } from "./checkout.ts";
import { mount } from "./look.ts";

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    await use({
      ...launchOptions,
      args: [...(launchOptions.args ?? []), "--blink-settings=defaultFontSize=32"],
    });
  },
});

test("a shopper's own text size of 200 % cuts nothing off", async ({ checkout }) => {
  await checkout.page.setViewportSize({ width: 640, height: 900 });
  await mount(checkout);
  await checkout.fill("4242424242424241", "1220", "12");
  await checkout.tokenize();
  for (const field of ["number", "expiry", "cvc"] as const) {
    await expect(checkout.input(field)).toHaveCSS("font-size", "32px");
    const cut = await checkout.frame(field).evaluate(() => {
      const shown = [...document.querySelectorAll("label, input[id], p")].map((node) =>
        node.getBoundingClientRect(),
      );
      const input = document.querySelector("input[id]");
      return [
        ...shown.filter(
          ({ top, bottom, left, right }) => top < 0 || left < 0 || bottom > innerHeight || right > innerWidth,
        ),
        ...(input && input.scrollWidth > input.clientWidth ? [input.scrollWidth] : []),
      ];
    });
    expect([field, cut]).toEqual([field, []]);
  }
});
