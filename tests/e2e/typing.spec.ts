// What typing does to an input, in a real browser: the text and the caret after keys, clipboard, mouse and input methods.

import type { CDPSession } from "@playwright/test";
import { freshEngine } from "../js/engine.js";
import { type Checkout, expect, type Field, test } from "./checkout.ts";
import { Model, sequence } from "./model.ts";

/** What an input holds; `|` is the caret, `[` and `]` the ends of a selection. */
async function held(checkout: Checkout, field: Field): Promise<string> {
  return checkout.input(field).evaluate((input: HTMLInputElement) => {
    const [start, end] = [input.selectionStart ?? 0, input.selectionEnd ?? 0];
    const { value } = input;
    if (start === end) return `${value.slice(0, start)}|${value.slice(start)}`;
    return `${value.slice(0, start)}[${value.slice(start, end)}]${value.slice(end)}`;
  });
}

async function begin(checkout: Checkout, field: Field, text = ""): Promise<void> {
  await checkout.mount();
  expect(await checkout.ready()).toBe("ready");
  await checkout.type(field, text);
}

async function press(checkout: Checkout, ...keys: string[]): Promise<void> {
  for (const key of keys) await checkout.page.keyboard.press(key);
}

const left = (count: number): string[] => Array<string>(count).fill("ArrowLeft");
const select = (count: number): string[] => Array<string>(count).fill("Shift+ArrowLeft");

const sequences: [title: string, field: Field, text: string, keys: string[], outcome: string][] = [
  ["typing groups and goes on", "number", "42424", [], "4242 4|"],
  ["a gap appears with the digit behind it", "number", "4242", [], "4242|"],
  ["a digit in the middle moves the others on", "number", "424242", [...left(5), "9"], "429|4 242"],
  ["Backspace takes the digit before a gap", "number", "42424", ["ArrowLeft", "Backspace"], "424|4"],
  ["Backspace at the very front does nothing", "number", "4242", ["Home", "Backspace"], "|4242"],
  ["Delete takes the digit behind a gap", "number", "42425", [...left(2), "Delete"], "4242|"],
  ["Delete in the middle closes up", "number", "424251", ["Home", "Delete"], "|2425 1"],
  ["a selection over a gap is replaced", "number", "42421234", [...left(2), ...select(4), "9"], "4249 |34"],
  [
    "a selection over a gap is deleted",
    "number",
    "42421234",
    [...left(3), ...select(3), "Backspace"],
    "424|2 34",
  ],
  ["everything is replaced", "number", "4242424242424242", ["Control+a", "5"], "5|"],
  ["a letter is no digit", "number", "42x42", [], "4242|"],
  ["the twentieth digit is refused", "number", "62055000000000000041", [], "6205 5000 0000 0000 004|"],
  ["the month is finished by a slash", "expiry", "1/", [], "01 / |"],
  ["a month that needs no second digit gets its zero", "expiry", "5", [], "05 / |"],
  ["Backspace goes over the slash", "expiry", "12", ["Backspace"], "1|"],
  ["the year is corrected in place", "expiry", "1229", ["Backspace", "8"], "12 / 28|"],
  ["a code takes digits only", "cvc", "1a2-3", [], "123|"],
  [
    "cut and paste bring the same back",
    "number",
    "42424242",
    [...select(4), "Control+x", "Control+v"],
    "4242 4242|",
  ],
  [
    "what is pasted over a selection takes its place",
    "number",
    "42421234",
    [...select(4), "Control+c", "Home", "Shift+ArrowRight", "Shift+ArrowRight", "Control+v"],
    "1234 |4212 34",
  ],
];

for (const [title, field, text, keys, outcome] of sequences) {
  test(`${title} (${field})`, async ({ checkout }) => {
    await begin(checkout, field, text);
    await press(checkout, ...keys);
    expect(await held(checkout, field)).toBe(outcome);
  });
}

test("text that was typed, grouped and deleted is taken back step by step, and done again", async ({
  checkout,
}) => {
  await begin(checkout, "number", "42424");
  await press(checkout, "Control+z");
  expect(await held(checkout, "number")).toBe("4242|");
  await press(checkout, "Control+z", "Control+z");
  expect(await held(checkout, "number")).toBe("42|");
  await press(checkout, "Control+Shift+z", "Control+y");
  expect(await held(checkout, "number")).toBe("4242|");
  await press(checkout, "Control+y", "Control+y");
  expect(await held(checkout, "number")).toBe("4242 4|");
  await press(checkout, "Control+a", "Backspace", "Control+z");
  expect(await held(checkout, "number")).toBe("4242 4|");
  expect(await checkout.state("number")).toMatchObject({ empty: false });
});

test("what the page cleared cannot be brought back by a key", async ({ checkout }) => {
  await begin(checkout, "cvc", "737");
  await checkout.page.evaluate(() => window.mounted.cvc.clear());
  await expect(checkout.input("cvc")).toHaveValue("");
  await press(checkout, "Control+z", "Control+z", "Control+Shift+z");
  expect(await held(checkout, "cvc")).toBe("|");
});

/** A session that speaks to the frame of this field: input methods write where the focus is. */
async function inputMethod(checkout: Checkout, field: Field): Promise<CDPSession> {
  const { page } = checkout;
  return page.context().newCDPSession(checkout.frame(field));
}

async function compose(session: CDPSession, text: string): Promise<void> {
  const { length } = text;
  await session.send("Input.imeSetComposition", { text, selectionStart: length, selectionEnd: length });
}

test("a composition is left alone until it ends, and is one step to take back", async ({ checkout }) => {
  await begin(checkout, "number", "424");
  const session = await inputMethod(checkout, "number");
  for (const text of ["２", "２4", "２42", "２42x"]) await compose(session, text);
  expect(await held(checkout, "number")).toBe("424２42x|");
  await session.send("Input.insertText", { text: "２42" });
  expect(await held(checkout, "number")).toBe("4242 42|");
  await press(checkout, "Control+z");
  expect(await held(checkout, "number")).toBe("424|");
});

test("a keyboard that composes every digit is heard while it does, and its end is not waited for", async ({
  checkout,
}) => {
  await begin(checkout, "number");
  const session = await inputMethod(checkout, "number");
  const number = "4242424242424242";
  for (let length = 1; length <= number.length; length++) await compose(session, number.slice(0, length));
  await expect.poll(() => checkout.state("number")).toMatchObject({ complete: true, brand: "visa" });
  expect(await held(checkout, "number")).toBe(`${number}|`);
  await checkout.input("expiry").click();
  expect(await checkout.input("number").inputValue()).toBe("4242 4242 4242 4242");
});

test("a text that is dropped into a field is grouped", async ({ checkout }) => {
  await begin(checkout, "number", "4242");
  const session = await inputMethod(checkout, "number");
  const data = {
    items: [{ mimeType: "text/plain", data: "12345678" }],
    dragOperationsMask: 1,
  };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, x: 200, y: 40, data });
  }
  await expect(checkout.input("number")).toHaveValue("4242 1234 5678");
});

test("on a page that runs from right to left, digits run from left to right", async ({ checkout }) => {
  await checkout.open();
  await checkout.page.evaluate(() => {
    document.documentElement.dir = "rtl";
  });
  const context = await checkout.context();
  await checkout.page.evaluate(
    ({ vault, context }) => {
      window.fields = window.cardseal.createFields({ vault, context: () => context });
      window.fields.mount("number", "#number");
      window.fields.mount("expiry", "#expiry");
    },
    { vault: checkout.sandbox.vault, context },
  );
  expect(await checkout.ready()).toBe("ready");
  for (const field of ["number", "expiry"] as const) {
    await checkout.frame(field).evaluate(() => {
      document.documentElement.dir = "rtl";
    });
    expect(await checkout.input(field).evaluate((input) => getComputedStyle(input).direction)).toBe("ltr");
  }
  await checkout.type("number", "424212");
  await press(checkout, "ArrowLeft", "9");
  expect(await held(checkout, "number")).toBe("4242 19|2");
});

/** One random edit, in the browser and in the model; answers what it was. */
async function randomEdit(
  checkout: Checkout,
  session: CDPSession,
  model: Model,
  random: (below: number) => number,
): Promise<string> {
  const digits = (count: number) => Array.from({ length: count }, () => random(10)).join("");
  const odd = ["/", " ", "x", "-", "٣", "４", "é"];
  const { keyboard } = checkout.page;
  const choice = random(20);
  if (choice < 7) {
    const key = random(6) ? digits(1) : (odd[random(4)] ?? "");
    await keyboard.press(key === " " ? "Space" : key);
    model.insert(key);
    return key;
  }
  if (choice < 9) {
    await keyboard.press("Backspace");
    model.remove("backward");
    return "Backspace";
  }
  if (choice < 11) {
    await keyboard.press("Delete");
    model.remove("forward");
    return "Delete";
  }
  if (choice < 15) {
    const extends_ = random(3) === 0;
    const key = ["ArrowLeft", "ArrowRight", "Home", "End"][random(4)] ?? "";
    await keyboard.press(extends_ ? `Shift+${key}` : key);
    const collapses = !extends_ && model.start !== model.end;
    const { text, start, end, focus } = model;
    if (key === "ArrowLeft") model.move(collapses ? start : focus - 1, extends_);
    if (key === "ArrowRight") model.move(collapses ? end : focus + 1, extends_);
    if (key === "Home") model.move(0, extends_);
    if (key === "End") model.move(text.length, extends_);
    return extends_ ? `Shift+${key}` : key;
  }
  if (choice < 16) {
    const cuts = random(2) === 0;
    await keyboard.press(cuts ? "Control+x" : "Control+c");
    model.copy();
    if (cuts && model.selected) model.remove("backward");
    return cuts ? "cut" : "copy";
  }
  if (choice < 17) {
    await keyboard.press("Control+v");
    model.paste();
    return "paste";
  }
  if (choice < 18) {
    const back = random(3) > 0;
    await keyboard.press(back ? "Control+z" : "Control+Shift+z");
    model.step(back);
    return back ? "undo" : "redo";
  }
  if (choice < 19) {
    const text = `${digits(1 + random(3))}${odd[random(odd.length)]}`;
    for (let length = 1; length <= text.length; length++) await compose(session, text.slice(0, length));
    await session.send("Input.insertText", { text });
    model.compose(text);
    return `composed ${text}`;
  }
  const text = `${digits(1 + random(8))}${random(2) ? ` ${digits(4)}` : ""}`;
  await keyboard.insertText(text);
  model.insert(text);
  return `inserted ${text}`;
}

for (const field of ["number", "expiry", "cvc"] as const) {
  for (const seed of [1, 2, 3]) {
    test(`after any of 200 random edits the ${field} field holds what the engine says, seed ${seed}`, async ({
      checkout,
    }) => {
      test.setTimeout(120_000);
      const { formOf } = await freshEngine();
      const today = new Date();
      const model = new Model(formOf(today.getFullYear(), today.getMonth() + 1), field);
      await begin(checkout, field);
      const session = await inputMethod(checkout, field);
      const random = sequence(seed);
      const done: string[] = [];
      // What an earlier test left in the clipboard is not this one's.
      await press(checkout, "7", "Shift+Home", "Control+c", "End");
      model.insert("7");
      model.move(0, true);
      model.copy();
      model.move(model.text.length, false);
      for (let edits = 0; edits < 200; edits++) {
        const before = model.shown();
        done.push(`${before} ${await randomEdit(checkout, session, model, random)}`);
        expect(await held(checkout, field), done.slice(-6).join("\n")).toBe(model.shown());
      }
    });
  }
}
