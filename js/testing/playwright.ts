// Hands for tests that drive a checkout with Playwright: they type into hosted fields as a shopper does, wherever the frames
// stand, and read what a shopper is told. They need nothing of the page but the fields.

import { test as base, expect, type Frame, type Locator, type Page } from "@playwright/test";
import type { FieldName } from "../messages.js";
import { TEST_CARDS, type TestCard } from "./cards.js";
import { hasField, listed, typed } from "./fields.js";

export { TEST_CARDS, type TestCard } from "./cards.js";
export { MAGIC_CARDS, type MagicCard } from "./magic.js";
export { expect };

/** Where and how long fields are looked for. */
export interface FindOptions {
  /** The part of the page that has the form, where it has several; the first field of the page that fits if left out. */
  readonly within?: Locator;
  /** Milliseconds; 15 000 if left out. */
  readonly timeout?: number;
}

/** The input, or list, of a field, be it by itself or in a card. Fails if there is none within the time. */
export async function findField(page: Page, field: FieldName, options: FindOptions = {}): Promise<Locator> {
  const { timeout = 15_000 } = options;
  let found: Frame | undefined;
  await expect(async () => {
    found = await frameOf(page, field, options);
    expect(found, `the page has no field ${field}`).toBeDefined();
  }).toPass({ timeout, intervals: [100] });
  return (found as Frame).locator(`#${field}`);
}

/**
 * Types a card key by key into the fields that it has values for, over what they hold. Month and year apart get the two
 * halves of the expiry.
 */
export async function fillCard(
  page: Page,
  card: TestCard = TEST_CARDS.visa,
  options?: FindOptions,
): Promise<void> {
  // By then the fields are in the page.
  await findField(page, "number", options);
  const apart = (await frameOf(page, "month", options)) !== undefined;
  for (const [field, text] of typed(card, apart)) {
    const input = await findField(page, field, options);
    if (await input.evaluate((element) => element instanceof HTMLSelectElement)) {
      await input.selectOption(listed(field, text));
      continue;
    }
    // The focus goes from frame to frame by way of the browser, and keys would go to the old one until it has. While many
    // frames load it may lose its way, so who got none clicks again.
    await expect(async () => {
      await input.click();
      await expect(input).toBeFocused({ timeout: 1_000 });
    }).toPass({ timeout: 5_000 });
    await input.press("ControlOrMeta+a");
    await input.press("Delete");
    await page.keyboard.type(text);
  }
}

/** Expects that a field shows an error; with `message`, this one, as the shopper reads it. */
export async function expectFieldError(
  page: Page,
  field: FieldName,
  message?: string | RegExp,
  options?: FindOptions,
): Promise<void> {
  const input = await findField(page, field, options);
  await expect(input).toHaveAttribute("aria-invalid", "true");
  if (message !== undefined) await expect(input).toHaveAccessibleDescription(message);
}

/** The same for one page, as the fixture `card` has it. */
export interface CardFixture {
  /** findField() of the test's page. */
  field(field: FieldName, options?: FindOptions): Promise<Locator>;
  /** fillCard() of the test's page. */
  fill(card?: TestCard, options?: FindOptions): Promise<void>;
  /** expectFieldError() of the test's page. */
  expectError(field: FieldName, message?: string | RegExp, options?: FindOptions): Promise<void>;
}

/** Playwright's `test` with the fixture `card`. */
export const test = base.extend<{ card: CardFixture }>({
  card: async ({ page }, use) => {
    await use({
      field: (field, options) => findField(page, field, options),
      fill: (card, options) => fillCard(page, card, options),
      expectError: (field, message, options) => expectFieldError(page, field, message, options),
    });
  },
});

async function frameOf(
  page: Page,
  field: FieldName,
  { within }: FindOptions = {},
): Promise<Frame | undefined> {
  for (const frame of page.frames()) {
    if (hasField(frame.url(), field) && (!within || (await contains(within, frame)))) return frame;
  }
  return undefined;
}

async function contains(within: Locator, frame: Frame): Promise<boolean> {
  const owner = await frame.frameElement();
  return within.evaluate((root, owner) => root.contains(owner as Node), owner);
}
