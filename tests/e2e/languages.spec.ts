import AxeBuilder from "@axe-core/playwright";
import type { Options } from "../../js/index.js";
import { type Checkout, expect, test } from "./checkout.ts";

/** The names of the languages' files that are asked for from now on. */
function filesAsked(checkout: Checkout): Set<string> {
  const asked = new Set<string>();
  checkout.page.on("request", (request) => {
    const [, file] = /\/assets\/([^/]+)-[0-9A-F]{8}\.json$/.exec(request.url()) ?? [];
    if (file) asked.add(file);
  });
  return asked;
}

/** Mounts every field on a page of this language; answers the names of the languages' files that were asked for. */
async function mount(checkout: Checkout, lang: string, given: Partial<Options> = {}): Promise<string[]> {
  const asked = filesAsked(checkout);
  await checkout.open();
  await checkout.page.evaluate(
    ({ vault, lang, given }) => {
      document.documentElement.lang = lang;
      const main = document.querySelector("main");
      main?.append(
        ...["name", "postal_code"].map((id) => Object.assign(document.createElement("div"), { id })),
      );
      const context = window.askContext;
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
    await expect(checkout.frame("number").locator("p")).toHaveText(invalid);
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
  await expect(checkout.frame("number").locator("p")).toHaveText(own);
  await expect(checkout.frame("number").locator("p > *")).toHaveCount(0);
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

test("where neither the first language's file nor the next one's can be had the fields speak English", async ({
  checkout,
}) => {
  const { page } = checkout;
  await page.route(/\/assets\/.*\.json$/, async (route) => {
    // The next language is asked for while the first is still under way.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await route.abort();
  });
  await page.addInitScript(() => {
    addEventListener(
      "load",
      (event) => {
        if (event.target instanceof HTMLIFrameElement && window === window.top)
          window.fields.update({ locale: "ja" });
      },
      true,
    );
  });
  await mount(checkout, "ar");
  const frame = page.frameLocator('iframe[title="Card number"]');
  await expect(frame.getByRole("textbox", { name: "Card number" })).toBeVisible();
  await expect(frame.locator("html")).toHaveAttribute("lang", "en");
});

test("another language is spoken at once, in all fields, from one more file, and what was typed stays", async ({
  checkout,
}) => {
  await mount(checkout, "en");
  const { page } = checkout;
  const files = filesAsked(checkout);
  await checkout.type("number", "4242424242424241");
  await page.keyboard.press("Tab");
  const error = checkout.frame("number").locator("p");
  await expect(error).toHaveText("Check the card number.");
  await page.evaluate(() => window.fields.update({ locale: "ar-EG" }));
  await expect(error).toHaveText("تحقق من رقم البطاقة.");
  for (const label of PAGES[0]?.labels ?? []) {
    const frame = page.frameLocator(`iframe[title="${label}"]`);
    await expect(frame.getByRole("textbox", { name: label, exact: true })).toBeVisible();
    await expect(frame.locator("html")).toHaveAttribute("lang", "ar");
    await expect(frame.locator("html")).toHaveAttribute("dir", "rtl");
  }
  await expect(checkout.input("number")).toHaveValue("4242 4242 4242 4241");
  await expect
    .poll(() => checkout.state("number"))
    .toMatchObject({ error: { message: "تحقق من رقم البطاقة." } });
  const message = await page.evaluate(() => window.fields.tokenize().catch((error) => error.message));
  expect(message).toBe("تحقق من رقم البطاقة.");
  await page.evaluate(() => window.fields.update({ locale: null }));
  await expect(error).toHaveText("Check the card number.");
  for (const label of ["Card number", "Expiry date", "Security code", "Name on card", "Postal code"])
    await expect(page.locator(`iframe[title="${label}"]`)).toBeVisible();
  await expect(checkout.frame("number").locator("html")).toHaveAttribute("dir", "ltr");
  expect(files).toEqual(new Set(["ar"]));
  // What has no part in its words tells no error again.
  const told = () => page.evaluate(() => window.events.length);
  const before = await told();
  await page.evaluate(() => window.fields.update({ theme: "dark" }));
  await page.waitForTimeout(300);
  expect(await told()).toBe(before);
  expect(await checkout.violations()).toEqual([]);
});

test("a field that is mounted, or loaded anew, after a change speaks the new language, and the last change counts", async ({
  checkout,
}) => {
  await mount(checkout, "en");
  const { page } = checkout;
  await page.evaluate(() => {
    for (const locale of ["ja", "ar", "de", "pl", "fr"]) window.fields.update({ locale });
    // Moving it loads a frame anew, from the address that it had at first.
    const number = document.querySelector("#number");
    number?.parentElement?.append(number);
  });
  await expect(page.locator('#number > iframe[title="Numéro de carte"]')).toBeVisible();
  await expect(page.locator('#cvc > iframe[title="Cryptogramme visuel"]')).toBeVisible();
  await expect(checkout.frame("number").locator("html")).toHaveAttribute("lang", "fr");
  await page.waitForTimeout(500);
  await expect(page.locator('#cvc > iframe[title="Cryptogramme visuel"]')).toBeVisible();
});

test("the page's language is read at the start, and again only where update() asks for it", async ({
  checkout,
}) => {
  await mount(checkout, "en");
  const { page } = checkout;
  const label = checkout.frame("number").locator("label");
  await page.evaluate(() => {
    document.documentElement.lang = "de";
    window.fields.update({ theme: "dark" });
  });
  await checkout.page.waitForTimeout(300);
  await expect(label).toHaveText("Card number");
  await page.evaluate(() => window.fields.update({ locale: "auto" }));
  await expect(label).toHaveText("Kartennummer");
});

test("sentences of the page's own can change, and be taken back", async ({ checkout }) => {
  await mount(checkout, "en", { messages: { card_number_invalid: "Look again." } });
  const { page } = checkout;
  const error = checkout.frame("number").locator("p");
  await checkout.type("number", "4242424242424241");
  await page.keyboard.press("Tab");
  await expect(error).toHaveText("Look again.");
  for (const [messages, text] of [
    [{ card_number_invalid: "Look once more." }, "Look once more."],
    [null, "Check the card number."],
  ] as const) {
    await page.evaluate((messages) => window.fields.update({ messages }), messages);
    await expect(error).toHaveText(text);
    await expect.poll(() => checkout.state("number")).toMatchObject({ error: { message: text } });
  }
});

test("where the other language cannot be had the one before stays, until it is asked for again", async ({
  checkout,
}) => {
  await mount(checkout, "ja");
  await checkout.page.route(/\/assets\/ar.*\.json$/, (route) => route.abort());
  await checkout.page.evaluate(() => window.fields.update({ locale: "ar" }));
  await checkout.page.waitForTimeout(500);
  const frame = checkout.page.frameLocator('iframe[title="カード番号"]');
  await expect(frame.getByRole("textbox", { name: "カード番号" })).toBeVisible();
  await expect(frame.locator("html")).toHaveAttribute("dir", "ltr");
  // Asked for again, it is looked for again.
  await checkout.page.unroute(/\/assets\/ar.*\.json$/);
  await checkout.page.evaluate(() => window.fields.update({ locale: "ar" }));
  await expect(checkout.page.locator('iframe[title="رقم البطاقة"]')).toBeVisible();
});
