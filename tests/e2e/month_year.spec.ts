// Month and year of expiry apart: as inputs, or as lists to choose from.

import AxeBuilder from "@axe-core/playwright";
import { expect, type Field, test } from "./checkout.ts";
import { mount, stored, thrown } from "./mounting.ts";

test("a card with month and year apart makes a token", async ({ checkout }) => {
  await mount(checkout, { number: {}, month: {}, year: {}, cvc: {} });
  await checkout.type("number", "4242424242424242");
  await checkout.type("month", "4");
  await expect(checkout.input("month")).toHaveValue("04");
  await checkout.type("year", "2031");
  await checkout.type("cvc", "123");
  const { id } = await checkout.tokenize();
  expect(stored(checkout, id)).toMatchObject({ exp_month: 4, exp_year: 2031 });
});

for (const [field, name, autocomplete, placeholder] of [
  ["month", "Expiry month", "cc-exp-month", "MM"],
  ["year", "Expiry year", "cc-exp-year", "YY"],
] as const) {
  test(`the ${field} is called "${name}" and asks for the right keyboard and autofill, as an input and as a list`, async ({
    checkout,
  }) => {
    await mount(checkout, { [field]: {} });
    const input = checkout.frame(field).getByRole("textbox", { name, exact: true });
    await expect(input).toHaveAttribute("inputmode", "numeric");
    await expect(input).toHaveAttribute("autocomplete", autocomplete);
    await expect(input).toHaveAttribute("placeholder", placeholder);
    await expect(input).not.toHaveAttribute("name");
    await checkout.page.evaluate((field) => window.mounted[field as "number"].unmount(), field);
    await checkout.page.evaluate(
      (field) => void window.fields.mount(field, `#${field}`, { control: "select" }),
      field,
    );
    await expect.poll(() => checkout.page.locator(`#${field} iframe`).getAttribute("title")).toBe(name);
    const list = checkout.frame(field).getByRole("combobox", { name, exact: true });
    await expect(list).toHaveAttribute("autocomplete", autocomplete);
    await expect(list).not.toHaveAttribute("name");
    await expect(list.locator("option").first()).toHaveText(placeholder);
  });
}

test("lists have the months as cards have them, and twenty years from the one in which the context was made", async ({
  checkout,
}) => {
  // The shopper's clock is years behind.
  await checkout.page.clock.setFixedTime(new Date("2019-05-05T12:00:00Z"));
  await mount(checkout, { month: { control: "select" }, year: { control: "select" } });
  const options = (field: Field) => checkout.input(field).locator("option").allTextContents();
  const months = ["MM", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];
  expect(await options("month")).toEqual(months);
  const year = new Date(Date.now() - 12 * 3600 * 1000).getUTCFullYear();
  await expect
    .poll(() => options("year"))
    .toEqual(["YY", ...Array.from({ length: 21 }, (_, ahead) => String(year + ahead))]);
});

test("a year that was chosen by a wrong clock is taken back when the context tells the right one", async ({
  checkout,
}) => {
  await checkout.page.clock.setFixedTime(new Date("2019-05-05T12:00:00Z"));
  await checkout.open();
  const context = await checkout.context();
  const { sub } = JSON.parse(atob(context.split(".")[1] ?? "")) as { sub: string };
  await checkout.page.evaluate(
    ({ vault, merchant }) => {
      const context = new Promise<string>((resolve) => Object.assign(window, { give: resolve }));
      window.fields = window.cardseal.createFields({ vault, merchant, context: () => context });
      window.fields.on("change", (event) => window.events.push({ name: "change", event }));
      const handle = window.fields.mount("year", "#number", { control: "select" });
      return new Promise<void>((resolve) => handle.on("ready", () => resolve()));
    },
    { vault: checkout.sandbox.vault, merchant: sub },
  );
  await checkout.input("year").selectOption("2020");
  await expect.poll(() => checkout.state("year")).toMatchObject({ complete: true });
  await checkout.page.evaluate((context) => Reflect.get(window, "give")(context), context);
  await expect.poll(() => checkout.state("year")).toMatchObject({ empty: true, complete: false });
  await expect(checkout.input("year")).toHaveValue("");
  await expect(checkout.input("year")).toHaveAttribute("aria-invalid", "false");
});

test("a month and a year are chosen by the keyboard, and the page hears of both", async ({ checkout }) => {
  await mount(checkout, { number: {}, month: { control: "select" }, year: { control: "select" }, cvc: {} });
  await checkout.type("number", "4242424242424242");
  await checkout.page.keyboard.press("Tab");
  await expect(checkout.input("month")).toBeFocused();
  await checkout.page.keyboard.type("04");
  await checkout.page.keyboard.press("Tab");
  await expect(checkout.input("year")).toBeFocused();
  await checkout.page.keyboard.press("ArrowDown");
  await checkout.page.keyboard.press("ArrowDown");
  const chosen = new Date().getUTCFullYear() + 1;
  await expect(checkout.input("year")).toHaveValue(String(chosen));
  await checkout.page.keyboard.press("Tab");
  await expect(checkout.input("cvc")).toBeFocused();
  await checkout.page.keyboard.type("123");
  await expect.poll(() => checkout.state("month")).toMatchObject({ empty: false, complete: true });
  await expect.poll(() => checkout.state("year")).toMatchObject({ empty: false, complete: true });
  const { id } = await checkout.tokenize();
  expect(stored(checkout, id)).toMatchObject({ exp_month: 4, exp_year: chosen });
});

test("a month that is over is told at the year, once both are known", async ({ checkout }) => {
  await mount(checkout, { number: {}, month: {}, year: {} });
  await checkout.type("year", "2020");
  await expect(checkout.input("year")).toHaveAttribute("aria-invalid", "true");
  await checkout.input("year").fill("");
  const { month, year } = await checkout.page.evaluate(() => {
    const now = new Date(Date.now() - 12 * 3600 * 1000);
    return { month: now.getUTCMonth() + 1, year: now.getUTCFullYear() };
  });
  test.skip(month === 1, "no month of this year is over");
  await checkout.type("year", String(year));
  await expect.poll(() => checkout.state("year")).toMatchObject({ complete: true });
  await checkout.type("month", String(month - 1).padStart(2, "0"));
  await expect.poll(() => checkout.state("month")).toMatchObject({ complete: true });
  await expect(checkout.frame("year").locator("#year_error")).toHaveText("This card has expired.");
  await expect
    .poll(() => checkout.state("year"))
    .toMatchObject({ complete: false, error: { code: "expiry_past" } });
  await checkout.type("number", "4242424242424242");
  expect(await checkout.tokenize()).toMatchObject({ code: "expiry_past", field: "year" });
});

test("what is missing is told at the month before the year, and both are marked", async ({ checkout }) => {
  await mount(checkout, { number: {}, year: { control: "select" }, month: {} });
  await checkout.type("number", "4242424242424242");
  expect(await checkout.tokenize()).toMatchObject({ code: "expiry_incomplete", field: "month" });
  await expect(checkout.input("month")).toHaveAttribute("aria-invalid", "true");
  await expect(checkout.input("year")).toHaveAttribute("aria-invalid", "true");
  await checkout.type("month", "12");
  expect(await checkout.tokenize()).toMatchObject({ code: "expiry_incomplete", field: "year" });
});

test("the focus moves on from the month to the year", async ({ checkout }) => {
  await mount(checkout, { month: { advance: true }, year: { advance: true }, cvc: {} });
  await checkout.type("month", "1");
  await expect(checkout.input("month")).toBeFocused();
  await checkout.page.keyboard.type("2");
  await expect(checkout.input("year")).toBeFocused();
  await checkout.page.keyboard.type("20");
  await expect(checkout.input("year")).toBeFocused();
  await checkout.page.keyboard.type("31");
  await expect(checkout.input("cvc")).toBeFocused();
});

test("the expiry is mounted whole or in parts, never both", async ({ checkout }) => {
  await mount(checkout, { expiry: {} });
  for (const part of [() => window.fields.mount("month", "#cvc"), () => window.fields.mount("year", "#cvc")])
    expect(await thrown(checkout, part)).toBe("field_already_mounted");
  await checkout.page.evaluate(() => {
    window.mounted.expiry.unmount();
    window.fields.mount("year", "#cvc");
  });
  expect(await thrown(checkout, () => window.fields.mount("expiry", "#expiry"))).toBe(
    "field_already_mounted",
  );
  expect(await thrown(checkout, () => window.fields.mount("month", "#expiry"))).toBeUndefined();
});

test("a list is emptied, disabled and styled like an input", async ({ checkout }) => {
  await mount(checkout, {
    month: { control: "select", style: { color: "rgb(1, 2, 3)", ":empty": { color: "rgb(9, 9, 9)" } } },
  });
  const color = () => checkout.input("month").evaluate((list) => getComputedStyle(list).color);
  await expect.poll(color).toBe("rgb(9, 9, 9)");
  await checkout.input("month").selectOption("07");
  await expect.poll(color).toBe("rgb(1, 2, 3)");
  // It must not be remembered, and can be filled in again once it is empty.
  await expect(checkout.input("month")).toHaveAttribute("autocomplete", "off");
  await checkout.page.evaluate(() => {
    window.mounted["month" as "number"].clear();
    window.mounted["month" as "number"].update({ disabled: true });
  });
  await expect(checkout.input("month")).toHaveValue("");
  await expect(checkout.input("month")).toBeDisabled();
  await expect(checkout.input("month")).toHaveAttribute("autocomplete", "cc-exp-month");
  await expect.poll(() => checkout.state("month")).toMatchObject({ empty: true });
});

test("what was chosen survives a coordinator that is lost", async ({ checkout }) => {
  await mount(checkout, { number: {}, month: { control: "select" }, year: { control: "select" }, cvc: {} });
  await checkout.type("number", "4242424242424242");
  await checkout.input("month").selectOption("11");
  await checkout.input("year").selectOption("2031");
  await checkout.type("cvc", "123");
  await checkout.page.evaluate(() => document.body.querySelector(":scope > iframe")?.remove());
  // A context is good for one form only until it has made a token.
  const { id } = await checkout.tokenize();
  expect(stored(checkout, id)).toMatchObject({ exp_month: 11, exp_year: 2031 });
});

for (const theme of ["light", "dark", "contrast"] as const) {
  test(`axe finds nothing in month and year, empty, wrong or filled, in the theme ${theme}`, async ({
    checkout,
  }) => {
    await mount(checkout, { number: {}, month: {}, year: { control: "select" } }, {}, { theme });
    const check = async (): Promise<void> => {
      const { violations, passes } = await new AxeBuilder({ page: checkout.page }).analyze();
      expect(violations).toEqual([]);
      const entered = passes.flatMap(({ nodes }) => nodes.map(({ target }) => String(target[0])));
      for (const name of ["Expiry month", "Expiry year"])
        expect(entered).toContain(`iframe[title="${name}"]`);
    };
    await check();
    await checkout.tokenize();
    await expect(checkout.input("year")).toHaveAttribute("aria-invalid", "true");
    await check();
    await checkout.type("month", "12");
    await checkout.input("year").selectOption("2031");
    await check();
    expect(await checkout.violations()).toEqual([]);
  });
}
