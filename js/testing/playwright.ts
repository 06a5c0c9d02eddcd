// Hands for tests that drive a checkout with Playwright: they type into hosted fields as a shopper does, wherever the frames
// stand, and read what a shopper is told. They need nothing of the page but the fields.

import { test as base, expect, type Frame, type Locator, type Page } from "@playwright/test";
import type { FieldName } from "../messages.js";
import { TEST_CARDS, type TestCard } from "./cards.js";

export { TEST_CARDS, type TestCard } from "./cards.js";
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
  const { within, timeout = 15_000 } = options;
  let found: Frame | undefined;
  await expect(async () => {
    found = undefined;
    for (const frame of page.frames()) {
      if (!hasField(frame, field) || (within && !(await contains(within, frame)))) continue;
      found = frame;
      break;
    }
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
  for (const [field, text] of await typed(page, card, options)) {
    const input = await findField(page, field, options);
    if (await input.evaluate((element) => element instanceof HTMLSelectElement)) {
      // A list has its years in full.
      await input.selectOption(field === "year" ? `20${text}` : text);
      continue;
    }
    await input.click();
    // The focus goes from frame to frame by way of the browser, and keys would go to the old one until it has.
    await expect(input).toBeFocused();
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
  field(field: FieldName, options?: FindOptions): Promise<Locator>;
  fill(card?: TestCard, options?: FindOptions): Promise<void>;
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

/** What to type into which field, in the order of a checkout. */
async function typed(
  page: Page,
  { number, expiry, cvc, name, postalCode }: TestCard,
  options?: FindOptions,
): Promise<(readonly [FieldName, string])[]> {
  // By then the fields are in the page.
  await findField(page, "number", options);
  const apart = page.frames().some((frame) => hasField(frame, "month"));
  const dates: [FieldName, string | undefined][] = apart
    ? [
        ["month", expiry?.slice(0, 2)],
        ["year", expiry?.slice(-2)],
      ]
    : [["expiry", expiry]];
  const all: [FieldName, string | undefined][] = [
    ["number", number],
    ...dates,
    ["cvc", cvc],
    ["name", name],
    ["postal_code", postalCode],
  ];
  return all.flatMap(([field, text]) => (text === undefined ? [] : [[field, text] as const]));
}

/** A frame's address says what it has: `/f/{merchant}/{release}/{field}`, or a card's fields behind the `#`. */
function hasField(frame: Frame, field: FieldName): boolean {
  const [, kind, fields = ""] = /\/f\/[\w-]+\/[\w.+-]+\/([a-z_]+)[^#]*#?(.*)$/.exec(frame.url()) ?? [];
  return kind === field || (kind === "card" && fields.split(",").includes(field));
}

async function contains(within: Locator, frame: Frame): Promise<boolean> {
  const owner = await frame.frameElement();
  return within.evaluate((root, owner) => root.contains(owner as Node), owner);
}
