/** A browser that fills in a card, by its own means and on the word of its developer tools. */
import AxeBuilder from "@axe-core/playwright";
import type * as Cardseal from "../../js/index.js";
import { autofill, CARD, type Layout, open, test } from "./autofill.ts";
import { type Checkout, expect, type Field } from "./checkout.ts";

const LAYOUTS: readonly Layout[] = ["side by side", "each in a form of its own"];
const FIELDS = ["number", "expiry", "cvc", "name"] as const;
const SECOND = "Somebody Else";
const SHOWN = { number: "5555 5555 5555 4444", expiry: "03 / 31", cvc: "737", name: CARD.name };

/** The fields of each gesture that the page was told of. */
async function told(checkout: Checkout): Promise<readonly string[][]> {
  return checkout.page.evaluate(() =>
    window.events.flatMap(({ name, event }) =>
      name === "autofill" ? [[...(event as Cardseal.AutofillEvent).fields]] : [],
    ),
  );
}

/** What the inputs of a frame hold that nobody sees, by what they are for. */
async function mirrored(checkout: Checkout, field: Field): Promise<string[]> {
  const mirrors = await checkout
    .frame(field)
    .evaluate(() =>
      [...document.querySelectorAll<HTMLInputElement>("[aria-hidden] input")].map(
        (input) => `${input.autocomplete}=${input.value}`,
      ),
    );
  return mirrors.sort();
}

/** What any other browser or password manager does to an input of a frame. */
async function put(checkout: Checkout, field: Field, autocomplete: string, value: string): Promise<void> {
  await checkout.frame(field).evaluate(
    ([autocomplete, value]) => {
      const input = document.querySelector<HTMLInputElement>(`[autocomplete=${autocomplete}]`);
      if (!input) throw new Error(`no ${autocomplete}`);
      input.value = value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    },
    [autocomplete, value] as const,
  );
}

for (const layout of LAYOUTS) {
  for (const from of ["number", "name"] as const) {
    test(`with the frames ${layout}, one gesture in the ${from} fills every field, and the page hears of it once`, async ({
      checkout,
    }) => {
      await open(checkout, layout, FIELDS);
      await autofill(checkout, from);
      for (const field of FIELDS) {
        await expect(checkout.input(field)).toHaveValue(SHOWN[field]);
        expect(await mirrored(checkout, field)).toHaveLength(3);
        for (const mirror of await mirrored(checkout, field)) expect(mirror).toMatch(/^cc-[a-z]+=$/);
      }
      await expect.poll(() => told(checkout)).toEqual([[...FIELDS]]);
      // A second gesture, with another card: there was only the one event before.
      await autofill(checkout, from, {
        ...CARD,
        number: "4242424242424242",
        cvc: "111",
        expiryMonth: "04",
        name: SECOND,
      });
      await expect(checkout.input("number")).toHaveValue("4242 4242 4242 4242");
      await expect(checkout.input("expiry")).toHaveValue("04 / 31");
      await expect(checkout.input("cvc")).toHaveValue("111");
      await expect(checkout.input("name")).toHaveValue(SECOND);
      await expect.poll(() => told(checkout)).toEqual([[...FIELDS], [...FIELDS]]);
      const token = await checkout.tokenize();
      expect(token).toMatchObject({ brand: "visa", last4: "4242" });
    });
  }

  test(`with the frames ${layout}, nothing of the card and no false word of the focus reaches the page`, async ({
    checkout,
  }) => {
    await open(checkout, layout, FIELDS);
    await checkout.input("number").click();
    await autofill(checkout, "number");
    await expect.poll(() => told(checkout)).toHaveLength(1);
    const { received, focused } = await checkout.page.evaluate(() => ({
      // The page's own nonces may have any digits.
      received: window.received.join("\n").replaceAll(/"nonce":"[0-9a-f]+"/g, ""),
      focused: window.events.filter(({ name }) => name !== "autofill"),
    }));
    expect(focused).toEqual([{ name: "focus", event: { field: "number" } }]);
    expect(received).toContain('"autofill"');
    for (const text of [...Object.values(CARD), "5555 ", "/ 20"]) {
      if (text.length > 2) expect(received).not.toContain(text);
    }
    expect(await checkout.violations()).toEqual([]);
  });

  test(`with the frames ${layout}, what was typed stays, and so does what was corrected`, async ({
    checkout,
  }) => {
    await open(checkout, layout, FIELDS);
    await checkout.type("name", SECOND);
    await checkout.type("cvc", "9");
    await autofill(checkout, "number");
    await expect.poll(() => told(checkout)).toEqual([["number", "expiry"]]);
    await expect(checkout.input("name")).toHaveValue(SECOND);
    await expect(checkout.input("cvc")).toHaveValue("9");
    await checkout.input("expiry").press("End");
    await checkout.page.keyboard.press("Backspace");
    await checkout.page.keyboard.type("2");
    await autofill(checkout, "number", { ...CARD, number: "4242424242424242" });
    await expect(checkout.input("number")).toHaveValue("4242 4242 4242 4242");
    await expect.poll(() => told(checkout)).toEqual([["number", "expiry"], ["number"]]);
    await expect(checkout.input("expiry")).toHaveValue("03 / 32");
  });
}

for (const [written, shown] of [
  ["03/31", "03 / 31"],
  ["3/31", "03 / 31"],
  ["0331", "03 / 31"],
  ["03/2031", "03 / 2031"],
  ["032031", "03 / 2031"],
  ["2031-03", "03 / 2031"],
] as const) {
  test(`an expiry that a browser writes ${written} is understood`, async ({ checkout }) => {
    await open(checkout, "side by side", ["number", "expiry"]);
    await put(checkout, "number", "cc-exp", written);
    await expect(checkout.input("expiry")).toHaveValue(shown);
    await expect.poll(() => told(checkout)).toEqual([["expiry"]]);
  });
}

test("mirrors stand in the order of a card, whichever frame came first", async ({ checkout }) => {
  await open(checkout, "side by side", ["number", "year"]);
  await checkout.page.evaluate(() => {
    const place = document.createElement("div");
    document.querySelector("main")?.append(place);
    return new Promise<void>((resolve) => window.fields.mount("month", place).on("ready", () => resolve()));
  });
  // Chromium takes a year before its month for neither, and fills in nothing of them.
  const mirrors = checkout.frame("number").locator("[aria-hidden] input");
  await expect
    .poll(() => mirrors.evaluateAll((all) => all.map((mirror) => (mirror as HTMLInputElement).autocomplete)))
    .toEqual(["cc-exp-month", "cc-exp-year"]);
});

for (const layout of LAYOUTS) {
  test(`with the frames ${layout}, month and year are filled apart`, async ({ checkout }) => {
    await open(checkout, layout, ["number", "month", "year"]);
    await autofill(checkout, "number");
    await expect(checkout.input("month")).toHaveValue("03");
    await expect(checkout.input("year")).toHaveValue("2031");
    await expect.poll(() => told(checkout)).toEqual([["number", "month", "year"]]);
  });

  test(`with the frames ${layout}, month and year are chosen from their lists`, async ({ checkout }) => {
    await open(checkout, layout, ["number", "month", "year"], {}, "select");
    await autofill(checkout, "number");
    await expect(checkout.input("month")).toHaveValue("03");
    await expect(checkout.input("year")).toHaveValue("2031");
    await expect.poll(() => told(checkout)).toEqual([["number", "month", "year"]]);
    // Whoever writes fewer digits means the same, and chooses nothing that is not there.
    await put(checkout, "number", "cc-exp-month", "4");
    await put(checkout, "number", "cc-exp-year", "32");
    await expect(checkout.input("month")).toHaveValue("04");
    await expect(checkout.input("year")).toHaveValue("2032");
    await put(checkout, "number", "cc-exp-year", "2019");
    await expect(checkout.input("year")).toHaveValue("2032");
    // The cardholder's own choice is no fill.
    await checkout.input("month").selectOption("05");
    await expect
      .poll(() => told(checkout))
      .toEqual([
        ["number", "month", "year"],
        ["month", "year"],
      ]);
    await put(checkout, "number", "cc-exp-month", "06");
    await expect(checkout.input("month")).toHaveValue("05");
  });
}

test("a card of one frame is filled together with the name in another", async ({ checkout }) => {
  await open(checkout, "each in a form of its own", ["card", "name"]);
  const card = checkout.page.frames().find((frame) => frame.url().includes("/card"));
  if (!card) throw new Error("no card");
  await autofill(checkout, "number", CARD, card);
  for (const field of ["number", "expiry", "cvc"] as const)
    await expect(card.locator(`#${field}`)).toHaveValue(SHOWN[field]);
  await expect(checkout.input("name")).toHaveValue(CARD.name);
  await expect.poll(() => told(checkout)).toEqual([["number", "expiry", "cvc", "name"]]);
  expect(await card.evaluate(() => document.querySelectorAll("[aria-hidden] input").length)).toBe(1);
});

test("a field that is disabled is not filled, and what no field asks for is not asked of the browser", async ({
  checkout,
}) => {
  await open(checkout, "each in a form of its own", ["number", "expiry", "cvc", "postal_code"]);
  await checkout.page.evaluate(() => window.mounted.cvc.update({ disabled: true }));
  await expect(checkout.input("cvc")).toBeDisabled();
  expect(await mirrored(checkout, "number")).toEqual(["cc-csc=", "cc-exp="]);
  await autofill(checkout, "number");
  await expect.poll(() => told(checkout)).toEqual([["number", "expiry"]]);
  await expect(checkout.input("cvc")).toHaveValue("");
  await checkout.page.evaluate(() => window.mounted.expiry.unmount());
  await expect.poll(() => mirrored(checkout, "number")).toEqual(["cc-csc="]);
  await checkout.page.evaluate(() => {
    window.mounted.number.unmount();
    window.mounted.cvc.update({ disabled: false });
  });
  await expect.poll(() => mirrored(checkout, "cvc")).toEqual([]);
});

test("a field that a browser filled has its style, in whichever way it was filled, until it is edited", async ({
  checkout,
}) => {
  await open(checkout, "each in a form of its own", FIELDS, {
    style: { ":autofill": { wordSpacing: "3px" } },
  });
  const spacing = (field: Field) =>
    checkout.input(field).evaluate((input) => getComputedStyle(input).wordSpacing);
  expect(await spacing("number")).toBe("0px");
  await autofill(checkout, "number");
  await expect(checkout.input("name")).toHaveValue(CARD.name);
  for (const field of FIELDS) expect(await spacing(field)).toBe("3px");
  await checkout.type("name", "x");
  await expect.poll(() => spacing("name")).toBe("0px");
  expect(await spacing("expiry")).toBe("3px");
  await checkout.page.evaluate(() => window.mounted.expiry.clear());
  await expect.poll(() => spacing("expiry")).toBe("0px");
});

test("a fill can be taken back in the field that it reached", async ({ checkout }) => {
  await open(checkout, "each in a form of its own", FIELDS);
  await autofill(checkout, "number");
  await expect(checkout.input("name")).toHaveValue(CARD.name);
  await checkout.input("name").press("Control+z");
  await expect(checkout.input("name")).toHaveValue("");
});

test("no key and no screen reader gets to what the browser fills unseen", async ({ checkout }) => {
  await open(checkout, "side by side", FIELDS);
  await checkout.input("number").click();
  for (const field of ["expiry", "cvc", "name"] as const) {
    await checkout.page.keyboard.press("Tab");
    await expect(checkout.input(field)).toBeFocused();
  }
  for (const field of ["cvc", "expiry", "number"] as const) {
    await checkout.page.keyboard.press("Shift+Tab");
    await expect(checkout.input(field)).toBeFocused();
  }
  await expect(checkout.frame("number").getByRole("textbox")).toHaveCount(1);
  await autofill(checkout, "number");
  const results = await new AxeBuilder({ page: checkout.page }).analyze();
  expect(results.violations).toEqual([]);
  const box = await checkout.frame("number").evaluate(() => {
    const mirror = document.querySelector("[aria-hidden] input");
    const { scrollHeight, scrollWidth, clientWidth, clientHeight } = document.documentElement;
    const hit = document.elementsFromPoint(clientWidth / 2, clientHeight / 2).includes(mirror as Element);
    return { hit, overflows: scrollHeight > clientHeight || scrollWidth > clientWidth };
  });
  expect(box).toEqual({ hit: false, overflows: false });
});

test("frames that are slotted into a shadow tree are filled", async ({ checkout }) => {
  await open(checkout, "each slotted into a shadow tree", FIELDS);
  await autofill(checkout, "number");
  for (const field of FIELDS) await expect(checkout.input(field)).toHaveValue(SHOWN[field]);
  await expect.poll(() => told(checkout)).toEqual([[...FIELDS]]);
});
