import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { Checkout, expect, test } from "./checkout.ts";

const NUMBER = "4242424242424242";
const CONTROL = "seen by the profile";

/** The files below a folder that hold a text, in either encoding that Chromium writes. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const bytes = read(file);
      return bytes.includes(text) || bytes.includes(Buffer.from(text, "utf16le"));
    });
}

/** The browser goes on writing: a file that it has deleted since it was listed holds nothing. */
function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

test("no digit of the card reaches the browser's profile on disk", async ({ shop, launchOptions }) => {
  const profile = mkdtempSync(join(tmpdir(), "cardseal-profile-"));
  const context = await chromium.launchPersistentContext(profile, launchOptions);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    const checkout = new Checkout(page, shop.origin, shop.sandbox);
    await checkout.mount();
    await checkout.ready();
    // A field of the page itself shows that Chromium does write what is typed.
    await page.evaluate(() => document.body.append(document.createElement("input")));
    await checkout.fill(NUMBER, "1230", "987");
    await page.locator("body > input").click();
    await page.keyboard.type(CONTROL);
    await expect.poll(() => filesWith(profile, CONTROL).length, { timeout: 30_000 }).toBeGreaterThan(0);
    for (const text of [NUMBER, "4242 4242 4242 4242", "12 / 30"])
      expect(filesWith(profile, text)).toEqual([]);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true });
  }
});
