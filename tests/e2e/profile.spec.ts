import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { Checkout, expect, test } from "./checkout.ts";

const NUMBER = "378282246310005";
/** Four digits are a code as well: three are found in any file. */
const CODE = "9157";
const TYPED = [NUMBER, "3782 822463 10005", "12 / 30", CODE];
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

test("no digit of the card is in the browser's profile on disk, while it runs and after it was killed", async ({
  shop,
  launchOptions,
}) => {
  const profile = mkdtempSync(join(tmpdir(), "cardseal-profile-"));
  const context = await chromium.launchPersistentContext(profile, launchOptions);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    const checkout = new Checkout(page, shop.origin, shop.sandbox);
    await checkout.mount();
    await checkout.ready();
    // A field of the page itself shows that Chromium does write what is typed.
    await page.evaluate(() => document.body.append(document.createElement("input")));
    await checkout.fill(NUMBER, "1230", CODE);
    await page.locator("body > input").click();
    await page.keyboard.type(CONTROL);
    await expect.poll(() => filesWith(profile, CONTROL).length, { timeout: 30_000 }).toBeGreaterThan(0);
    for (const text of TYPED) expect(filesWith(profile, text)).toEqual([]);
    expect((await checkout.tokenize()).id).toMatch(/^tok_/);
    const closed = new Promise<void>((resolve) => context.once("close", () => resolve()));
    kill(profile);
    await closed;
    expect(filesWith(profile, CONTROL).length).toBeGreaterThan(0);
    for (const text of TYPED) expect(filesWith(profile, text)).toEqual([]);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true });
  }
});
