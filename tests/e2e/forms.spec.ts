// Fields come and go at any time and in any order, and a page may have several forms: each has its own values and tokens.

import type { Frame } from "@playwright/test";
import { type Checkout, expect, test } from "./checkout.ts";
import { add, cardOf, mount, stored, thrown, typeInto, within } from "./mounting.ts";

/** Opens the page with two forms, each in a part of its own. */
async function open(checkout: Checkout): Promise<void> {
  await checkout.open();
  await checkout.page.evaluate((vault) => {
    const context = window.askContext;
    document.querySelector("main")?.replaceChildren();
    const forms = ["one", "two"].map((name) => {
      const fields = window.cardseal.createFields({ vault, context });
      for (const field of ["number", "expiry", "cvc"] as const) {
        const place = document.createElement("div");
        place.id = `${name}_${field}`;
        document.querySelector("main")?.append(place);
        fields.mount(field, place);
      }
      return fields;
    });
    Object.assign(window, { forms });
    return Promise.all(forms.map(({ ready }) => ready));
  }, checkout.sandbox.vault);
}

async function frameIn(checkout: Checkout, place: string): Promise<Frame> {
  const element = await checkout.page.locator(`#${place} iframe`).elementHandle();
  const frame = await element?.contentFrame();
  if (!frame) throw new Error(`no frame in ${place}`);
  return frame;
}

async function type(checkout: Checkout, place: string, text: string): Promise<void> {
  const frame = await frameIn(checkout, place);
  const input = frame.locator("section input[id]");
  await input.click();
  await expect(input).toBeFocused();
  await checkout.page.keyboard.type(text);
}

async function tokenize(
  checkout: Checkout,
  form: number,
): Promise<{ id: string; last4: string; code: string }> {
  return checkout.page.evaluate(
    (form) =>
      (window as unknown as { forms: (typeof window.fields)[] }).forms[form]
        ?.tokenize()
        .catch(({ code }) => ({ code })) as Promise<{ id: string; last4: string; code: string }>,
    form,
  );
}

test("two forms of a page have values and tokens of their own", async ({ checkout }) => {
  await open(checkout);
  await type(checkout, "one_number", "4242424242424242");
  await type(checkout, "two_number", "5555555555554444");
  await type(checkout, "two_expiry", "0130");
  await type(checkout, "one_expiry", "1229");
  await type(checkout, "two_cvc", "456");
  await type(checkout, "one_cvc", "123");
  const [one, two] = await Promise.all([tokenize(checkout, 0), tokenize(checkout, 1)]);
  expect([one.last4, two.last4]).toEqual(["4242", "4444"]);
  expect(stored(checkout, one.id)).toMatchObject({ number: "4242424242424242", exp_year: 2029 });
  expect(stored(checkout, two.id)).toMatchObject({ number: "5555555555554444", exp_month: 1 });
});

test("a form that is destroyed leaves the other as it is", async ({ checkout }) => {
  await open(checkout);
  await type(checkout, "two_number", "5555555555554444");
  await checkout.page.evaluate(() =>
    (window as unknown as { forms: (typeof window.fields)[] }).forms[0]?.destroy(),
  );
  await expect(checkout.page.locator("iframe")).toHaveCount(4);
  await type(checkout, "two_expiry", "1229");
  await type(checkout, "two_cvc", "123");
  expect((await tokenize(checkout, 1)).last4).toBe("4444");
});

test("a card beside separate fields of the same names is refused, and so are they beside it", async ({
  checkout,
}) => {
  await mount(checkout, { cvc: {} });
  expect(await thrown(checkout, () => window.fields.mount("card", "#number"))).toBe("field_already_mounted");
  await checkout.page.evaluate(() => {
    window.mounted.cvc.unmount();
    Object.assign(window, { card: window.fields.mount("card", "#number") });
  });
  expect(await thrown(checkout, () => window.fields.mount("card", "#expiry"))).toBe("field_already_mounted");
  for (const field of ["number", "expiry", "month", "cvc"])
    expect(
      await thrown(checkout, new Function(`window.fields.mount("${field}", "#cvc")`) as () => void),
    ).toBe("field_already_mounted");
  expect(await thrown(checkout, () => window.fields.mount("name", "#cvc"))).toBeUndefined();
});

test("separate fields can take the place of a card and a card theirs, while the form lives", async ({
  checkout,
}) => {
  await mount(checkout, { card: {} });
  await typeInto(checkout, "number", "5555555555554444");
  await checkout.page.evaluate(() => {
    window.mounted["card" as "number"].unmount();
  });
  for (const field of ["cvc", "number", "expiry"] as const) await add(checkout, field, field);
  // What was typed went with the card.
  await expect(checkout.input("number")).toHaveValue("");
  await checkout.fill("4242424242424242");
  expect((await checkout.tokenize()).last4).toBe("4242");
  await checkout.page.evaluate(() => {
    for (const field of ["number", "expiry", "cvc"] as const) window.mounted[field].unmount();
  });
  await add(checkout, "card", "expiry", { inputs: ["cvc", "number", "month", "year"] });
  for (const [field, text] of [
    ["cvc", "456"],
    ["number", "5555555555554444"],
    ["month", "1"],
    ["year", "31"],
  ] as const)
    await typeInto(checkout, field, text);
  const { id } = await checkout.tokenize();
  expect(stored(checkout, id)).toMatchObject({ number: "5555555555554444", exp_month: 1, exp_year: 2031 });
});

test("fields are added one by one, in any order, after others were typed into", async ({ checkout }) => {
  await mount(checkout, { cvc: {} });
  await checkout.type("cvc", "123");
  await checkout.page.evaluate(() => {
    for (const id of ["month", "year"]) {
      const place = document.createElement("div");
      place.id = id;
      document.querySelector("main")?.append(place);
    }
  });
  await add(checkout, "year", "year");
  await checkout.type("year", "31");
  await add(checkout, "number", "number");
  await checkout.type("number", "4242424242424242");
  expect(await checkout.tokenize()).toMatchObject({ code: "expiry_incomplete", field: "year" });
  await add(checkout, "month", "month");
  await checkout.type("month", "12");
  const { id } = await checkout.tokenize();
  expect(stored(checkout, id)).toMatchObject({ exp_month: 12, exp_year: 2031 });
});

test("a card that the page moves or loads anew is empty, and can be used", async ({ checkout }) => {
  await mount(checkout, { card: {} });
  await typeInto(checkout, "number", "5555555555554444");
  await checkout.page.evaluate(() => {
    window.events = [];
    const frame = document.querySelector("#card iframe");
    if (frame) document.querySelector("#expiry")?.append(frame);
  });
  await expect
    .poll(() => checkout.state("cvc"))
    .toMatchObject({ empty: true, card: { empty: true, complete: false } });
  await expect(within(checkout, "number")).toHaveValue("");
  await typeInto(checkout, "number", "4242424242424242");
  await typeInto(checkout, "expiry", "1229");
  await typeInto(checkout, "cvc", "123");
  expect((await checkout.tokenize()).last4).toBe("4242");
});

test("a card keeps what was typed when the coordinator is lost", async ({ checkout }) => {
  await mount(checkout, { card: {} });
  await typeInto(checkout, "number", "4242424242424242");
  await typeInto(checkout, "expiry", "1229");
  await checkout.page.evaluate(() => document.body.querySelector(":scope > iframe")?.remove());
  await typeInto(checkout, "cvc", "123");
  expect((await checkout.tokenize()).last4).toBe("4242");
  await expect(cardOf(checkout).locator("section input[id]")).toHaveCount(3);
});
