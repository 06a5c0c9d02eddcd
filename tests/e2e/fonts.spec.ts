// Fonts of our own, made for these tests: in both every character is a box 1.5 em wide. The one has all of ASCII, the other 7.

import { type Checkout, expect, Checkout as Page, test } from "./checkout.ts";
import { computed, mount, soon } from "./look.ts";
import { Sandbox } from "./sandbox.ts";

const FONTS = ["Wide=tests/e2e/fonts/wide.woff2", "Seven=tests/e2e/fonts/seven.woff2"];

/** A checkout at a vault that has the fonts, and the fonts that its number's frame asked for. */
const shop = test.extend<{ typeset: { checkout: Checkout; asked: string[] } }>({
  typeset: async ({ checkout, page }, use) => {
    const options = FONTS.flatMap((font) => ["--font", font]);
    const sandbox = await Sandbox.start([checkout.origin], options);
    const asked: string[] = [];
    page.on("request", (request) => {
      if (request.url().endsWith(".woff2") && request.frame().url().includes("/number"))
        asked.push(request.url());
    });
    await use({ checkout: new Page(page, checkout.origin, sandbox), asked });
    await sandbox.stop();
  },
});

/** The width of what stands in the number's label: its text is the same in every font. */
function labelWidth({ page }: Checkout): Promise<number | undefined> {
  const label = page.frameLocator("#number > iframe").locator("label");
  return label.boundingBox().then((box) => box?.width);
}

shop(
  "a style that names a font of the vault's has it, in the input and in its label",
  async ({ typeset }) => {
    const { checkout, asked } = typeset;
    await mount(checkout, { style: { "--font": "Wide, sans-serif" } });
    // "Card number", at .75rem.
    await expect.poll(() => labelWidth(checkout)).toBeCloseTo(11 * 1.5 * 12, 0);
    expect(await computed(checkout, "font-family")).toBe("Wide, sans-serif");
    expect(asked).toHaveLength(1);
    await checkout.fill("4242424242424242");
    expect((await checkout.tokenize()).last4).toBe("4242");
    expect(asked).toHaveLength(1);
    expect(await checkout.violations()).toEqual([]);
  },
);

shop("no font is loaded that no style names", async ({ typeset }) => {
  const { checkout, asked } = typeset;
  await mount(checkout, { style: { "--font": "Georgia, serif" } });
  await checkout.type("number", "4242");
  await soon(checkout, "font-family").toBe("Georgia, serif");
  expect(asked).toEqual([]);
  await checkout.page.evaluate(() => window.mounted.number.update({ style: { fontFamily: "'WIDE'" } }));
  await expect.poll(() => asked.length).toBe(1);
  await soon(checkout, "font-family").toBe("WIDE");
});

shop("what is loaded does not depend on the digits that are typed", async ({ typeset }) => {
  const { checkout, asked } = typeset;
  await mount(checkout, { style: { fontFamily: "Seven, Wide", ":focus": { fontWeight: "700" } } });
  // Neither a 7 nor anything else has been typed: a browser by itself would have loaded the one and not the other.
  await expect.poll(() => asked.length).toBe(2);
  await checkout.type("number", "47");
  await checkout.page.keyboard.press("Tab");
  expect(asked).toHaveLength(2);
});

test("a frame of a vault without fonts loads none, whatever the page posts", async ({ checkout }) => {
  await mount(checkout, { style: { "--font": "Wide" } });
  expect(await checkout.frame("number").evaluate(() => document.fonts.size)).toBe(0);
  expect(await checkout.violations()).toEqual([]);
});
