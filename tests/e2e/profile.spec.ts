import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { autofill, open, test } from "./autofill.ts";
import { Checkout, expect } from "./checkout.ts";

const NUMBER = "378282246310005";
/** Four digits are a code as well: three are found in any file. */
const CODE = "9157";
const NAME = "Wilhelmina Quastel";
const TEXTS = [NUMBER, "3782 822463 10005", "12 / 30", "12 / 2030", CODE, NAME];
const CONTROL = "seen by the profile";

/** The files below a folder that hold a text, in either encoding that Chromium writes. In longer numbers are times. */
function filesWith(folder: string, text: string): string[] {
  const pattern = new RegExp(`(?<!\\d\\0?)${[...text].join("\\0?")}(?!\\0?\\d)`);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => pattern.test(read(file).toString("latin1")));
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

/** Ends the browser at once, as a crash does: the process that has this profile, and by it every child. */
function kill(profile: string): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const words = read(`/proc/${pid}/cmdline`).toString().split("\0");
    const main =
      words.includes(`--user-data-dir=${profile}`) && !words.some((word) => word.startsWith("--type="));
    if (main) process.kill(Number(pid), "SIGKILL");
  }
}

const WAYS: Record<string, (checkout: Checkout) => Promise<void>> = {
  typed: async (checkout) => {
    await open(checkout, "side by side", ["number", "expiry", "cvc", "name"]);
    await checkout.fill(NUMBER, "1230", CODE);
    await checkout.type("name", NAME);
  },
  // Here the browser fills one frame, which hands the rest on.
  autofilled: async (checkout) => {
    await open(checkout, "each in a form of its own", ["number", "expiry", "cvc", "name"]);
    const card = { number: NUMBER, expiryMonth: "12", expiryYear: "2030", cvc: CODE, name: NAME };
    await autofill(checkout, "number", card);
    await expect(checkout.input("name")).toHaveValue(NAME);
  },
};

for (const [way, capture] of Object.entries(WAYS)) {
  test(`nothing of a card that was ${way} is in the browser's profile on disk, while it runs and after it was killed`, async ({
    shop,
    launchOptions,
  }) => {
    const profile = mkdtempSync(join(tmpdir(), "cardseal-profile-"));
    const context = await chromium.launchPersistentContext(profile, {
      ...launchOptions,
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    });
    try {
      const page = context.pages()[0] ?? (await context.newPage());
      const checkout = new Checkout(page, shop.origin, shop.sandbox);
      await capture(checkout);
      // A field of the page itself shows that Chromium does write what is typed.
      await page.evaluate(() => document.body.append(document.createElement("input")));
      await page.locator("body > input").click();
      await page.keyboard.type(CONTROL);
      await expect.poll(() => filesWith(profile, CONTROL).length, { timeout: 30_000 }).toBeGreaterThan(0);
      for (const text of TEXTS) expect(filesWith(profile, text)).toEqual([]);
      // Left with a card in it and kept in memory, the page becomes an entry of the session's history.
      await page.evaluate(() =>
        addEventListener("pageshow", ({ persisted }) => Object.assign(window, { persisted })),
      );
      await page.goto(`${shop.origin}/elsewhere`);
      await page.waitForTimeout(3000);
      for (const text of TEXTS) expect(filesWith(profile, text)).toEqual([]);
      await page.goBack({ waitUntil: "commit" });
      expect(await page.evaluate(() => "persisted" in window && window.persisted)).toBe(true);
      expect((await checkout.tokenize()).id).toMatch(/^tok_/);
      const closed = new Promise<void>((resolve) => context.once("close", () => resolve()));
      kill(profile);
      await closed;
      expect(filesWith(profile, CONTROL).length).toBeGreaterThan(0);
      for (const text of TEXTS) expect(filesWith(profile, text)).toEqual([]);
    } finally {
      await context.close();
      rmSync(profile, { recursive: true });
    }
  });
}
