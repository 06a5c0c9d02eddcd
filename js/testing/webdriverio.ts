// Hands for tests that drive a checkout with WebdriverIO, as those for Playwright: they type into hosted fields as a shopper
// does, and read what a shopper is told. Each leaves the driver in the page itself, whatever happened.

import type { FieldName } from "../messages.js";
import { TEST_CARDS, type TestCard } from "./cards.js";
import { hasField, listed, typed } from "./fields.js";

export { TEST_CARDS, type TestCard } from "./cards.js";
export { MAGIC_CARDS, type MagicCard } from "./magic.js";

/** What is asked of an element of WebdriverIO's. */
export interface DriverElement {
  getAttribute(name: string): Promise<string | null>;
  getTagName(): Promise<string>;
  getText(): Promise<string>;
  click(): Promise<void>;
  addValue(text: string): Promise<unknown>;
  selectByAttribute(attribute: string, value: string): Promise<void>;
}

/** What is asked of WebdriverIO's `browser`. */
export interface Driver {
  $$(selector: string): { getElements(): PromiseLike<Iterable<DriverElement>> };
  $(selector: string): { getElement(): PromiseLike<DriverElement> };
  // biome-ignore lint/suspicious/noExplicitAny: a frame is an element, and its exact type is WebdriverIO's own.
  switchFrame(frame: any): Promise<unknown>;
  keys(keys: string[]): Promise<unknown>;
  waitUntil<T>(
    condition: () => Promise<T>,
    options: { timeout: number; timeoutMsg: string },
  ): Promise<unknown>;
}

/** Where and how long fields are looked for. */
export interface FindOptions {
  /** A CSS selector of the part of the page that has the form, where it has several; the whole page if left out. */
  readonly within?: string;
  /** Milliseconds; 15 000 if left out. */
  readonly timeout?: number;
}

/**
 * Runs `use` with the input, or list, of a field while the driver is in its frame. Fails if there is none within the time.
 */
export async function inField<T>(
  browser: Driver,
  field: FieldName,
  use: (input: DriverElement) => Promise<T>,
  options: FindOptions = {},
): Promise<T> {
  const { timeout = 15_000 } = options;
  let frame: DriverElement | undefined;
  const found = async () => {
    frame = await frameOf(browser, field, options);
    return frame !== undefined;
  };
  await browser.waitUntil(found, { timeout, timeoutMsg: `the page has no field ${field}` });
  await browser.switchFrame(frame);
  try {
    return await use(await browser.$(`#${field}`).getElement());
  } finally {
    await browser.switchFrame(null);
  }
}

/**
 * Types a card into the fields that it has values for, over what they hold. Month and year apart get the two halves of the
 * expiry.
 */
export async function fillCard(
  browser: Driver,
  card: TestCard = TEST_CARDS.visa,
  options?: FindOptions,
): Promise<void> {
  // By then the fields are in the page.
  await inField(browser, "number", (input) => input.click(), options);
  const apart = (await frameOf(browser, "month", options)) !== undefined;
  for (const [field, text] of typed(card, apart)) {
    const type = async (input: DriverElement) => {
      if ((await input.getTagName()) === "select") {
        return input.selectByAttribute("value", listed(field, text));
      }
      await input.click();
      await browser.keys([CONTROL, "a", CONTROL]);
      await browser.keys(["Delete"]);
      await input.addValue(text);
    };
    await inField(browser, field, type, options);
  }
}

/** Expects that a field shows an error; with `message`, this one, as the shopper reads it. Throws if it does not in time. */
export async function expectFieldError(
  browser: Driver,
  field: FieldName,
  message?: string | RegExp,
  options: FindOptions = {},
): Promise<void> {
  const { timeout = 15_000 } = options;
  let shown: string | undefined;
  const shows = () =>
    inField(
      browser,
      field,
      async (input) => {
        shown = await errorOf(browser, input);
        if (shown === undefined || message === undefined) return shown !== undefined;
        return typeof message === "string" ? shown === message : message.test(shown);
      },
      options,
    );
  try {
    await browser.waitUntil(shows, { timeout, timeoutMsg: "" });
  } catch (cause) {
    const instead = shown === undefined ? "shows no error" : `shows "${shown}"`;
    throw new Error(`the field ${field} ${instead}, and not ${message ?? "any"}`, { cause });
  }
}

// As WebDriver writes the key; given twice, it is pressed and let go.
const CONTROL = "\uE009";

async function frameOf(
  browser: Driver,
  field: FieldName,
  { within }: FindOptions = {},
): Promise<DriverElement | undefined> {
  for (const frame of await browser.$$(within ? `${within} iframe` : "iframe").getElements()) {
    if (hasField((await frame.getAttribute("src")) ?? "", field)) return frame;
  }
  return undefined;
}

/** The sentence that describes an invalid input. */
async function errorOf(browser: Driver, input: DriverElement): Promise<string | undefined> {
  if ((await input.getAttribute("aria-invalid")) !== "true") return undefined;
  const sentences = [];
  for (const id of ((await input.getAttribute("aria-describedby")) ?? "").split(" ").filter(Boolean)) {
    sentences.push(await (await browser.$(`#${id}`).getElement()).getText());
  }
  return sentences.join(" ");
}
