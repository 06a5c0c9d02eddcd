// How a card stands: in rows as wide as there is room, as high as its sentences, and fit for everybody in each theme.

import AxeBuilder from "@axe-core/playwright";
import type * as Cardseal from "../../js/index.js";
import { type Checkout, expect, test } from "./checkout.ts";
import { cardOf, mount, typeInto, within } from "./mounting.ts";

/** Which inputs share a row. */
async function rows(checkout: Checkout): Promise<string[][]> {
  const places = await cardOf(checkout)
    .locator("section :is(input, select)[id]")
    .evaluateAll((inputs) => inputs.map((input) => [input.id, input.getBoundingClientRect().top] as const));
  const tops = [...new Set(places.map(([, top]) => top))];
  return tops.map((top) => places.filter((place) => place[1] === top).map(([id]) => id));
}

/** Whether the frame shows all of its document. */
async function isWhole(checkout: Checkout): Promise<boolean> {
  return cardOf(checkout).evaluate(() => {
    const { scrollHeight, scrollWidth } = document.documentElement;
    return scrollHeight <= innerHeight && scrollWidth <= innerWidth;
  });
}

test("inputs stand in one row where there is room, and in more where there is none", async ({ checkout }) => {
  await mount(checkout, { card: {} });
  const within_ = async (width: string) => {
    await checkout.page.evaluate((width) => {
      (document.querySelector("#card") as HTMLElement).style.width = width;
    }, width);
  };
  await within_("600px");
  await expect.poll(() => rows(checkout)).toEqual([["number", "expiry", "cvc"]]);
  await within_("320px");
  await expect.poll(() => rows(checkout)).toEqual([["number"], ["expiry", "cvc"]]);
  await expect.poll(() => isWhole(checkout)).toBe(true);
  await within_("180px");
  await expect.poll(() => rows(checkout)).toEqual([["number"], ["expiry"], ["cvc"]]);
  await expect.poll(() => isWhole(checkout)).toBe(true);
});

test("the page may ask for one row or for one input below the other, and change its mind", async ({
  checkout,
}) => {
  await mount(checkout, { card: { layout: "stacked" } });
  await expect.poll(() => rows(checkout)).toEqual([["number"], ["expiry"], ["cvc"]]);
  await checkout.page.setViewportSize({ width: 320, height: 700 });
  const layout = (layout: "row" | "auto") =>
    checkout.page.evaluate(
      (layout) =>
        (window.mounted as unknown as { card: Cardseal.FieldHandle<"card"> }).card.update({ layout }),
      layout,
    );
  await layout("row");
  await expect.poll(() => rows(checkout)).toEqual([["number", "expiry", "cvc"]]);
  await layout("auto");
  await expect.poll(() => rows(checkout)).toEqual([["number"], ["expiry", "cvc"]]);
});

for (const locale of ["en", "de", "ur", "ja"]) {
  test(`no sentence is cut off in a narrow card, in ${locale}`, async ({ checkout }) => {
    await mount(checkout, { card: { inputs: ["number", "month", "year", "cvc"] } }, {}, { locale });
    await checkout.page.setViewportSize({ width: 250, height: 900 });
    await checkout.tokenize();
    await expect(cardOf(checkout).locator("p:not(:empty, [hidden])")).toHaveCount(3);
    await expect.poll(() => isWhole(checkout)).toBe(true);
  });
}

test("a card is as high whatever is typed into it, as long as there is no error", async ({ checkout }) => {
  await mount(checkout, { card: {} });
  const height = () =>
    checkout.page.locator("#card iframe").evaluate((frame) => frame.getBoundingClientRect().height);
  const before = await height();
  await typeInto(checkout, "number", "4242424242424242");
  await typeInto(checkout, "expiry", "1229");
  await typeInto(checkout, "cvc", "123");
  expect(await height()).toBe(before);
  await within(checkout, "number").fill("");
  await typeInto(checkout, "number", "378282246310005");
  expect(await height()).toBe(before);
});

for (const theme of ["light", "dark", "contrast"] as const) {
  test(`axe finds nothing in a card, empty, filled or wrong, in the theme ${theme}`, async ({ checkout }) => {
    await mount(
      checkout,
      { card: { inputs: ["number", "month", "year", "cvc"], control: "select" } },
      {},
      { theme },
    );
    const check = async (): Promise<void> => {
      const { violations, passes } = await new AxeBuilder({ page: checkout.page }).analyze();
      expect(violations).toEqual([]);
      const entered = passes.flatMap(({ nodes }) => nodes.map(({ target }) => String(target[0])));
      expect(entered).toContain('iframe[title="Card details"]');
    };
    await check();
    await checkout.tokenize();
    await expect(cardOf(checkout).locator("p:not(:empty)")).toHaveCount(4);
    await check();
    await typeInto(checkout, "number", "4242424242424242");
    await within(checkout, "month").selectOption("12");
    await within(checkout, "year").selectOption("2029");
    await typeInto(checkout, "cvc", "123");
    await check();
    expect(await checkout.violations()).toEqual([]);
  });
}
