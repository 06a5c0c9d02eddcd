import AxeBuilder from "@axe-core/playwright";
import type { Options } from "../../js/index.js";
import { type Checkout, expect, test } from "./checkout.ts";

/** Mounts every field on a page of this language; answers the names of the languages' files that were asked for. */
async function mount(checkout: Checkout, lang: string, given: Partial<Options> = {}): Promise<string[]> {
  const asked = new Set<string>();
  checkout.page.on("request", (request) => {
    const [, file] = /\/assets\/([^/]+)-[0-9A-F]{8}\.json$/.exec(request.url()) ?? [];
    if (file) asked.add(file);
  });
  await checkout.open();
  await checkout.page.evaluate(
    ({ vault, lang, given }) => {
      document.documentElement.lang = lang;
      const main = document.querySelector("main");
      main?.append(
        ...["name", "postal_code"].map((id) => Object.assign(document.createElement("div"), { id })),
      );
      const context = (window as unknown as { askContext: () => Promise<string> }).askContext;
      window.fields = window.cardseal.createFields({ vault, context, ...given });
      window.fields.on("change", (event) => window.events.push({ name: "change", event }));
      for (const field of ["number", "expiry", "cvc", "name", "postal_code"] as const)
        window.fields.mount(field, `#${field}`);
    },
    { vault: checkout.sandbox.vault, lang, given },
  );
  expect(await checkout.ready()).toBe("ready");
  await expect(checkout.page.locator('iframe[title="Cardseal"]')).toHaveCount(1);
  return [...asked];
}

const PAGES = [
  {
    lang: "ar-EG",
    tag: "ar",
    dir: "rtl",
    labels: ["رقم البطاقة", "تاريخ الانتهاء", "رمز الأمان", "الاسم على البطاقة", "الرمز البريدي"],
    invalid: "تحقق من رقم البطاقة.",
  },
  {
    lang: "ja",
    tag: "ja",
    dir: "ltr",
    labels: ["カード番号", "有効期限", "セキュリティコード", "カード名義人", "郵便番号"],
    invalid: "カード番号をご確認ください。",
  },
];

for (const { lang, tag, dir, labels, invalid } of PAGES) {
  test(`a page in ${lang} has fields, names, errors and events in its language, from one file`, async ({
    checkout,
  }) => {
    expect(await mount(checkout, lang)).toEqual([tag]);
    const { page } = checkout;
    for (const label of labels) {
      const frame = page.frameLocator(`iframe[title="${label}"]`);
      await expect(frame.getByRole("textbox", { name: label, exact: true })).toBeVisible();
      await expect(frame.locator("html")).toHaveAttribute("lang", tag);
      await expect(frame.locator("html")).toHaveAttribute("dir", dir);
    }
    for (const field of ["number", "expiry", "cvc"] as const) {
      await expect(checkout.input(field)).toHaveAttribute("dir", "ltr");
    }
    await checkout.type("number", "4242424242424241");
    await page.keyboard.press("Tab");
    await expect(checkout.frame("number").locator("#error")).toHaveText(invalid);
    await expect
      .poll(() => checkout.state("number"))
      .toMatchObject({ error: { code: "card_number_invalid", message: invalid } });
    const message = await page.evaluate(() => window.fields.tokenize().catch((error) => error.message));
    expect(message).toBe(invalid);
    await page.setViewportSize({ width: 320, height: 900 });
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    expect(await checkout.violations()).toEqual([]);
  });
}

test("an English page loads no language's file, whatever the browser speaks", async ({ checkout }) => {
  expect(await mount(checkout, "en-US")).toEqual([]);
  await expect(checkout.page.locator('iframe[title="Card number"]')).toBeVisible();
});

test("a page that says no language has the browser's", async ({ browser, checkout, shop }) => {
  const context = await browser.newContext({ locale: "de-AT" });
  const page = await context.newPage();
  const german = Object.assign(Object.create(Object.getPrototypeOf(checkout)), checkout, { page });
  expect(await mount(german, "")).toEqual(["de"]);
  expect(shop.origin).toBe(new URL(page.url()).origin);
  await expect(page.locator('iframe[title="Kartennummer"]')).toBeVisible();
  await context.close();
});

test("a language that was chosen goes before the page's, and the page's sentences before all", async ({
  checkout,
}) => {
  const own = "Revise los 16 dígitos <b>de la tarjeta</b>.";
  const messages = { card_number_invalid: own };
  expect(await mount(checkout, "ja", { locale: "es-MX", messages })).toEqual(["es-419"]);
  await expect(checkout.page.locator('iframe[title="Número de tarjeta"]')).toBeVisible();
  await checkout.type("number", "4242424242424241");
  await checkout.page.keyboard.press("Tab");
  await expect(checkout.frame("number").locator("#error")).toHaveText(own);
  await expect(checkout.frame("number").locator("b")).toHaveCount(0);
  await expect.poll(() => checkout.state("number")).toMatchObject({ error: { message: own } });
});

test("where a language's file cannot be had the fields speak English", async ({ checkout }) => {
  await checkout.page.route(/\/assets\/.*\.json$/, (route) => route.abort());
  await mount(checkout, "ar");
  const frame = checkout.page.frameLocator('iframe[title="Card number"]');
  await expect(frame.getByRole("textbox", { name: "Card number" })).toBeVisible();
  await expect(frame.locator("html")).toHaveAttribute("lang", "en");
  await expect(frame.locator("html")).toHaveAttribute("dir", "ltr");
});
