// A shopper pays in each consumer: built with its own tools from the packed tarball, served as that stack serves, against
// the sandbox.

import { expect, type Page, test } from "@playwright/test";
import { fillCard } from "../../js/testing/playwright.ts";
import { Sandbox } from "../e2e/sandbox.ts";
import { run } from "./place.ts";
import { credentials, inShop, type Serves } from "./shop.ts";

interface Consumer {
  /** Its folder. */
  readonly name: string;
  readonly serves: Serves;
  /** What of the page the server has rendered. */
  readonly renders?: string;
  /** Its pages, if not one alone. */
  readonly pages?: readonly string[];
  /** Its pages have inputs of their own and an engine to seal with. */
  readonly direct?: true;
}

const CONSUMERS: readonly Consumer[] = [
  { name: "angular", serves: "dist" },
  { name: "direct", serves: "", pages: ["/dist/index.html", "/webpack.html", "/modules.html"], direct: true },
  { name: "esm", serves: "" },
  {
    name: "next",
    serves: (port) => ["npx", "next", "start", "--hostname", "127.0.0.1", "--port", port],
    renders: ">Pay</button>",
    pages: ["/", "/elements"],
  },
  { name: "script", serves: "" },
  { name: "svelte", serves: "dist" },
  // The quick start, in development.
  { name: "vite", serves: (port) => ["npx", "vite", "--host", "127.0.0.1", "--port", port, "--strictPort"] },
  { name: "vite-react", serves: "dist" },
  { name: "vue", serves: "dist" },
  { name: "webpack", serves: "" },
];

/** Gives what a page complains about from now on. */
function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // A shop without an icon is no fault.
    const icon = message.location().url.endsWith("/favicon.ico");
    if (message.type() === "error" && !icon) complaints.push(message.text());
  });
  return complaints;
}

/** Into inputs of the page's own, in direct mode. */
async function fillInputs(page: Page): Promise<void> {
  await page.getByLabel("Card number").fill("4242424242424242");
  await page.getByLabel("Expiry date").fill("12/39");
  await page.getByLabel("Security code").fill("123");
}

for (const { name, serves, renders = "", pages = ["/"], direct } of CONSUMERS) {
  test(`a card becomes a token in a shop made with ${name}`, async ({ page }) => {
    test.setTimeout(180_000);
    await inShop(name, serves, async ({ origin, sandbox, html }) => {
      expect(html).toContain(renders);
      const complaints = listen(page);
      const engines: string[] = [];
      page.on("response", (response) => {
        if (response.url().startsWith(origin) && /\.wasm$/.test(response.url())) engines.push(response.url());
      });
      for (const path of pages) {
        await page.goto(origin + path);
        await (direct ? fillInputs : fillCard)(page);
        await page.getByRole("button", { name: "Pay" }).click();
        const body = page.locator("body");
        await expect(body).toContainText(/tok_\w+/);
        const [id = ""] = /tok_\w+/.exec(await body.innerText()) ?? [];
        expect(await sandbox.backend.token(id)).toMatchObject({ brand: "visa", last4: "4242" });
      }
      expect(complaints).toEqual([]);
      // Each bundler brought the engine's file along, where a page needs it.
      expect(engines).toHaveLength(direct ? pages.length : 0);
    });
  });
}

test("a program on Node seals a card in direct mode", async () => {
  const sandbox = await Sandbox.start([]);
  try {
    const id = await run("node", ["node", "seal.mjs"], credentials(sandbox));
    expect(await sandbox.backend.token(id)).toMatchObject({ brand: "visa", last4: "4242" });
  } finally {
    await sandbox.stop();
  }
});

test("a shop's test with WebdriverIO pays, and reads what a shopper is told", async () => {
  test.setTimeout(180_000);
  await inShop("webdriverio", "", async ({ origin, sandbox }) => {
    const { CHROMIUM = "/usr/bin/chromium", CHROMEDRIVER = "/usr/bin/chromedriver" } = process.env;
    const more = { SHOP: origin, CHROMIUM, CHROMEDRIVER };
    const told = JSON.parse(await run("webdriverio", ["node", "pay.mjs"], more));
    expect(await sandbox.backend.token(told.token)).toMatchObject({ brand: "visa", last4: "4242" });
    expect(told.wrong).toContain('the field number shows "Check the card number."');
    expect(told.right).toContain("the field number shows no error");
    expect(told.missing).toContain("the page has no field number");
  });
});
