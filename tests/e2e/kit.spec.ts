// cardseal/testing/playwright on the demo: what a shop's own tests say, and no more.

import { mergeTests } from "@playwright/test";
import { expect, test as kit, TEST_CARDS } from "../../js/testing/playwright.js";
import { demos } from "./demonstration.ts";

const test = mergeTests(demos, kit);

test("a shop's checkout is tested in four lines", async ({ demo, page, card }) => {
  await page.goto(demo.shop);
  await card.fill();
  await page.getByRole("button", { name: /pay/i }).click();
  await expect(page.locator("#token")).toHaveText(/^tok_/);
});

test("what a shopper reads of an error is expected in a line, and a card typed over another", async ({
  demo,
  page,
  card,
}) => {
  await page.goto(demo.shop);
  await card.fill({ ...TEST_CARDS.mastercard, number: "4242424242424241" });
  await card.expectError("number", "Check the card number.");
  await card.fill(TEST_CARDS.americanExpress);
  await expect(await card.field("number")).toHaveValue("3782 822463 10005");
  await expect(card.expectError("number")).rejects.toThrow(/aria-invalid/);
});

test("of several forms the one that is meant is filled, month and year from lists", async ({
  demo,
  page,
  card,
}) => {
  await page.goto(`${demo.shop}/gallery`);
  const within = page.locator("#combined");
  await card.fill({ ...TEST_CARDS.jcb, name: "Zoë Ørsted" }, { within });
  await expect(await card.field("year", { within })).toHaveValue("2039");
  await within.getByRole("button").click();
  await expect(within.locator(".made")).toHaveText(/^tok_/);
  await expect(await card.field("number", { within: page.locator("#separate") })).toHaveValue("");
});

test("month and year of another form are left alone", async ({ demo, page, card }) => {
  await page.goto(`${demo.shop}/gallery`);
  await card.field("year", { within: page.locator("#combined") });
  const within = page.locator("#separate");
  await card.fill(TEST_CARDS.visa, { within });
  await expect(await card.field("expiry", { within })).toHaveValue("12 / 39");
});

test("a field that is not there is said to be missing", async ({ demo, page, card }) => {
  await page.goto(demo.shop);
  await expect(card.field("postal_code", { timeout: 500 })).rejects.toThrow(/no field postal_code/);
});
