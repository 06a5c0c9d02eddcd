import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { demos } from "./demonstration.ts";
import { Program } from "./sandbox.ts";

async function type(page: Page, name: string, text: string): Promise<void> {
  const input = page.frameLocator(`iframe[title="${name}"]`).getByRole("textbox", { name });
  await input.click();
  await expect(input).toBeFocused();
  await page.keyboard.type(text);
}

demos(
  "the shop takes a card and shows the token, and axe finds nothing before or after",
  async ({ demo, page }) => {
    const complaints: string[] = [];
    page.on("console", (message) => {
      // Chromium does not know the `autofill` permission policy yet and says so.
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(demo.shop);
    await type(page, "Card number", "4242424242424242");
    await type(page, "Expiry date", "1229");
    await type(page, "Security code", "123");
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await page.getByRole("button", { name: /pay/i }).click();
    await expect(page.locator("#token")).toHaveText(/^tok_/);
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    expect(complaints).toEqual([]);
  },
);

/** The input of a field of one of the gallery's forms. */
function inputOf(page: Page, form: string, mounted: string, field = mounted) {
  return page.locator(`#${form}-${mounted} iframe`).contentFrame().locator(`#${field}`);
}

type Values = readonly (readonly [field: string, text: string])[];

/** Types one value after another, each into the field that Tab leads to, and presses the button that comes then. */
async function payByKeyboard(page: Page, form: string, values: Values) {
  const mounted = (field: string) => (form === "combined" ? "card" : field);
  const [first = ["", ""]] = values;
  await inputOf(page, form, mounted(first[0]), first[0]).focus();
  for (const [field, text] of values) {
    await expect(inputOf(page, form, mounted(field), field)).toBeFocused();
    await page.keyboard.type(text);
    await page.keyboard.press("Tab");
  }
  await expect(page.locator(`#${form} button`)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator(`#${form} .made`)).toHaveText(/^tok_/);
}

const CARD: Values = [
  ["number", "4242424242424242"],
  ["expiry", "1229"],
  ["cvc", "123"],
];
/** Month and year are chosen from lists, by their first letters as in any list. */
const WHOLE: Values = [
  ["number", "4242424242424242"],
  ["month", "12"],
  ["year", "2029"],
  ["cvc", "123"],
  ["name", "Zoë Ørsted"],
];

for (const [form, values] of [
  ["separate", CARD],
  ["combined", WHOLE],
  ["dark", CARD],
  ["arabic", CARD],
] as const) {
  demos(`the gallery's ${form} form makes a token by keyboard alone`, async ({ demo, page }) => {
    await page.goto(`${demo.shop}/gallery`);
    await payByKeyboard(page, form, values);
  });
}

demos("the gallery asks for the code of a card that was stored", async ({ demo, page }) => {
  await page.goto(`${demo.shop}/gallery`);
  await expect(page.locator("#code-cvc iframe")).toHaveCount(0);
  await payByKeyboard(page, "separate", CARD);
  await payByKeyboard(page, "code", [["cvc", "456"]]);
  const token = await page.locator("#separate .made").textContent();
  await expect(page.locator("#code .made")).toHaveText(token ?? "");
});

demos("axe finds nothing in the gallery, with every form of it there", async ({ demo, page }) => {
  // It has some twenty frames.
  test.slow();
  await page.goto(`${demo.shop}/gallery`);
  await payByKeyboard(page, "separate", CARD);
  await expect(inputOf(page, "code", "cvc")).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
});

demos(
  "the gallery's co-badged card is paid over the network that was chosen by keyboard",
  async ({ demo, page }) => {
    await page.goto(`${demo.shop}/gallery`);
    const heard = page.locator("#networks");
    const [number, expiry] = [inputOf(page, "badged", "number"), inputOf(page, "badged", "expiry")];
    await number.focus();
    await expect(number).toBeFocused();
    await page.keyboard.type("4035501000000008");
    await expect(heard).toHaveText(/Visa is chosen/);
    await page.keyboard.press("Tab");
    await page.keyboard.type("Cartes");
    await expect(heard).toHaveText(/Cartes Bancaires is chosen/);
    await page.keyboard.press("Tab");
    await expect(expiry).toBeFocused();
    await payByKeyboard(page, "badged", CARD.slice(1));
  },
);

demos("the code beside each form of the gallery is the code that made it", async ({ demo, page }) => {
  await page.goto(`${demo.shop}/gallery`);
  const script = (await (await page.request.get(`${demo.shop}/gallery.js`)).text()).replace(/\s+/g, " ");
  for (const code of await page.locator("[data-code]").allTextContents()) {
    expect(code).toContain("createFields(");
    expect(script).toContain(code.replace(/\s+/g, " "));
  }
});

for (const [path, name] of [
  ["/", "checkout"],
  ["/gallery", "gallery"],
] as const) {
  demos(
    `in a window of 320 pixels the ${name} has nothing to be scrolled sideways`,
    async ({ demo, page }) => {
      await page.setViewportSize({ width: 320, height: 640 });
      await page.goto(demo.shop + path);
      await expect(page.locator("iframe").first()).toBeAttached();
      const scrolled = () => page.evaluate(() => document.documentElement.scrollWidth);
      expect(await scrolled()).toBeLessThanOrEqual(320);
    },
  );
}

demos("shop and vault are different sites", ({ demo }) => {
  expect(new URL(demo.shop).hostname).toBe("127.0.0.1");
  expect(new URL(demo.vault).hostname).toBe("localhost");
});

test("Ctrl-C ends the demo with its child processes", async ({ request }) => {
  const program = new Program("xtask", ["demo", "--no-build", "--shop-port", "0", "--vault-port", "0"]);
  const { shop = "", vault = "" } = await program.ready();
  expect((await request.get(shop)).ok()).toBe(true);
  expect((await request.get(`${vault}/healthz`)).ok()).toBe(true);
  expect(await program.stop("SIGINT")).toBe(0);
  for (const url of [shop, vault]) await expect(request.get(url)).rejects.toThrow("ECONNREFUSED");
});
