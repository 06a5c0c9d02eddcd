import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { Folder, Program } from "./sandbox.ts";

interface Demo {
  shop: string;
  vault: string;
  program: Program;
  data: Folder;
}

const demos = test.extend<object, { demo: Demo }>({
  demo: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from the pattern.
    async ({}, use) => {
      const data = new Folder();
      const program = new Program("xtask", [
        "demo",
        "--no-build",
        "--shop-port",
        "0",
        "--vault-port",
        "0",
        "--data",
        data.path,
      ]);
      const { shop = "", vault = "" } = await program.ready();
      await use({ shop, vault, program, data });
      await program.stop();
      data.remove();
    },
    { scope: "worker" },
  ],
});

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
