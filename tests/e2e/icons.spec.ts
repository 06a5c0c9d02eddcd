/** Icons in the fields of number and code, and how the chooser of a network looks and sounds. */
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./checkout.ts";
import { CO_BADGED, chooser, icon, mount } from "./payable.ts";

test("the icon names the network as it is typed, and there is one only if the page wants it", async ({
  checkout,
}) => {
  await mount(checkout);
  for (const [digits, name] of [
    ["4", "Visa"],
    ["5555", "Mastercard"],
    ["37", "American Express"],
    ["3566", "JCB"],
  ] as const) {
    await checkout.type("number", digits);
    await expect(icon(checkout, name)).toBeVisible();
    await checkout.page.evaluate(() => window.mounted.number.clear());
    await expect(icon(checkout, name)).toHaveCount(0);
  }
  await checkout.type("number", "4");
  await checkout.page.evaluate(() => window.mounted.number.update({ icons: false } as object));
  await expect(icon(checkout, "Visa")).toHaveCount(0);
  await checkout.page.evaluate(() => window.mounted.number.update({ icons: true } as object));
  await expect(icon(checkout, "Visa")).toBeVisible();
});

test("a page without icons shows the choice all the same", async ({ checkout }) => {
  await mount(checkout, { number: { icons: false } });
  await checkout.fill(CO_BADGED);
  await expect(chooser(checkout)).toHaveValue("cartes-bancaires");
  await expect(checkout.frame("number").locator("svg")).toBeVisible();
});

test("neither frame nor input changes its size or moves its text by what was typed", async ({ checkout }) => {
  await mount(checkout);
  const measure = async () => {
    const { height } = (await (await checkout.frame("number").frameElement()).boundingBox()) ?? {};
    const input = await checkout.input("number").evaluate((input) => {
      const { paddingLeft, paddingRight } = getComputedStyle(input);
      return { width: input.clientWidth, height: input.clientHeight, paddingLeft, paddingRight };
    });
    return { height, input };
  };
  await expect.poll(async () => (await measure()).input.paddingRight).toBe("84px");
  const before = await measure();
  await checkout.type("number", "4");
  expect(await measure()).toEqual(before);
  await checkout.page.keyboard.type(CO_BADGED.slice(1));
  await expect(chooser(checkout)).toBeVisible();
  expect(await measure()).toEqual(before);
  // WCAG 2.2, 2.5.8: what is to be hit is at least 24 pixels wide and high.
  const box = await chooser(checkout).boundingBox();
  expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(24);
});

test("in a narrow field the icon makes way for what is typed, and the choice stays", async ({ checkout }) => {
  await mount(checkout);
  await checkout.page.evaluate(() => {
    for (const field of ["number", "cvc"]) {
      const target = document.getElementById(field);
      if (target) target.style.width = "150px";
    }
  });
  await checkout.fill(CO_BADGED);
  await chooser(checkout).selectOption("visa");
  const [input, select] = await Promise.all([
    checkout.input("number").boundingBox(),
    chooser(checkout).boundingBox(),
  ]);
  // The line of the digits is the lower half.
  expect((select?.y ?? 0) + (select?.height ?? 0)).toBeLessThan(
    (input?.y ?? 0) + (input?.height ?? 0) / 2 + 4,
  );
  expect(select?.height).toBeGreaterThanOrEqual(24);
  await expect(checkout.frame("cvc").locator("svg")).toBeHidden();
  expect(await checkout.input("cvc").evaluate((cvc) => getComputedStyle(cvc).paddingRight)).toBe("36px");
});

test("the code's field shows where the card bears it, to the eye alone", async ({ checkout }) => {
  await mount(checkout);
  const drawn = () => checkout.frame("cvc").locator("svg path").getAttribute("d");
  await expect(checkout.frame("cvc").locator("svg")).toHaveAttribute("aria-hidden", "true");
  const back = await drawn();
  await checkout.type("number", "37");
  await expect.poll(drawn).not.toBe(back);
  await checkout.page.keyboard.press("Backspace");
  await checkout.page.keyboard.press("Backspace");
  await expect.poll(drawn).toBe(back);
  await checkout.page.evaluate(() => window.mounted.cvc.update({ icons: false } as object));
  await expect(checkout.frame("cvc").locator("svg")).toHaveCount(0);
});

test("a page's style sizes the icon by a token, and reaches nothing else of it", async ({ checkout }) => {
  await mount(checkout, { form: { style: { "--icon": "2rem", opacity: 0.9, height: "10px" } } });
  await checkout.fill(CO_BADGED);
  const box = await checkout.frame("number").locator("svg").boundingBox();
  expect(box?.height).toBe(32);
  expect(await chooser(checkout).evaluate((select) => getComputedStyle(select).opacity)).toBe("0");
});

for (const [theme, media] of [
  ["light", {}],
  ["dark", {}],
  ["contrast", {}],
  ["auto", { forcedColors: "active" }],
] as const) {
  test(`axe finds nothing in icon and chooser, ${theme}${Object.keys(media)}`, async ({ checkout }) => {
    await checkout.page.emulateMedia(media);
    await mount(checkout, { form: { theme, locale: theme === "dark" ? "ar" : "en" } });
    await checkout.fill(CO_BADGED);
    await expect(checkout.frame("number").locator("select")).toBeVisible();
    await checkout.frame("number").locator("select").focus();
    const results = await new AxeBuilder({ page: checkout.page }).analyze();
    expect(results.violations).toEqual([]);
    // The status says it to whoever does not see it.
    await expect(checkout.frame("number").locator("[aria-live]").last()).toContainText(
      "Cartes Bancaires, Visa",
    );
    await checkout.page.screenshot({ path: test.info().outputPath("networks.png") });
  });
}
