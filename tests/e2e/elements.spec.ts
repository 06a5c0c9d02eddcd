// The custom elements in HTML as a merchant writes it: labels, options, reset, and elements that come and go.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "./checkout.ts";
import { changes, FIELDS, fill, open, sent } from "./markup.ts";

test("a form of HTML alone is submitted with a token beside its button, once", async ({ checkout }) => {
  const page = await open(checkout);
  await fill(checkout);
  await page.getByRole("button").click();
  await expect.poll(() => sent(page)).toHaveLength(1);
  const [[token, how] = []] = await sent(page);
  expect(token?.[0]).toBe("payment_token");
  expect(how).toEqual(["how", "now"]);
  expect(await checkout.sandbox.backend.token(token?.[1] ?? "")).toMatchObject({ last4: "4242" });
});

test("within its own change an element is as valid as the change says", async ({ checkout }) => {
  const page = await open(checkout, { fields: "<card-number></card-number>" });
  await checkout.type("number", "4242424242424242");
  await page.keyboard.press("Backspace");
  await expect.poll(async () => (await changes(page)).at(-1)?.complete).toBe(false);
  const heard = await changes(page);
  expect(heard.map(({ valid }) => valid)).toEqual(heard.map(({ complete }) => complete));
  expect(heard.some(({ complete }) => complete)).toBe(true);
});

test("what is taken away of attributes and options is as if never given", async ({ checkout }) => {
  const page = await open(checkout);
  const cvc = checkout.input("cvc");
  const looks = async () => [
    await cvc.getAttribute("placeholder"),
    await cvc.evaluate((input) => getComputedStyle(input).color),
    await cvc.evaluate((input) => getComputedStyle(input).backgroundColor),
    await checkout.input("number").evaluate((input) => getComputedStyle(input).fontStyle),
  ];
  const before = await looks();
  await page.evaluate(() => {
    const [form, cvc] = [document.querySelector("card-form"), document.querySelector("card-cvc")];
    form?.setAttribute("theme", "dark");
    if (form) form.options = { style: { fontStyle: "italic" } };
    cvc?.setAttribute("placeholder", "•••");
    if (cvc) cvc.options = { style: { color: "#ff0000" } };
  });
  await expect.poll(async () => (await looks()).filter((look, at) => look === before[at])).toEqual([]);
  await page.evaluate(() => {
    const [form, cvc] = [document.querySelector("card-form"), document.querySelector("card-cvc")];
    form?.removeAttribute("theme");
    if (form) form.options = {};
    cvc?.removeAttribute("placeholder");
    if (cvc) cvc.options = {};
  });
  await expect.poll(looks).toEqual(before);
});

test("a name may stay empty, and so may what is optional", async ({ checkout }) => {
  const page = await open(checkout, {
    fields: `${FIELDS.replace("<card-cvc>", "<card-cvc optional>")}<card-name></card-name>`,
  });
  const valid = page.locator("card-name:valid, card-cvc:valid");
  await expect(valid).toHaveCount(2);
  await checkout.type("cvc", "1");
  await expect(valid).toHaveCount(1);
});

test("a label around a field or for its id focuses it, and names it", async ({ checkout }) => {
  const page = await open(checkout);
  await page.getByText("Card number").click();
  await expect(checkout.input("number")).toBeFocused();
  await expect(checkout.input("number")).toHaveAccessibleName("Card number");
  await page.getByText("Expires").click();
  await expect(checkout.input("expiry")).toBeFocused();
  expect(await page.evaluate(() => document.querySelector("card-number")?.labels.length)).toBe(1);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
});

test("reset() empties the fields and the form's data, a disabled fieldset disables them", async ({
  checkout,
}) => {
  const page = await open(checkout, { fields: `<fieldset>${FIELDS}</fieldset>` });
  await fill(checkout);
  await page.getByRole("button").click();
  await expect.poll(() => sent(page)).toHaveLength(1);
  await page.evaluate(() => document.querySelector("form")?.reset());
  await expect(checkout.input("number")).toHaveValue("");
  await expect(checkout.input("cvc")).toHaveValue("");
  const entries = await page.evaluate(() => [
    ...new FormData(document.querySelector("form") ?? undefined).keys(),
  ]);
  expect(entries).toEqual([]);
  await page.evaluate(() => document.querySelector("fieldset")?.toggleAttribute("disabled"));
  await expect(checkout.input("number")).toBeDisabled();
});

test("the page hears the fields' events where the fields are, and may keep the form from being submitted", async ({
  checkout,
}) => {
  const page = await open(checkout);
  await page.evaluate(() => {
    const heard: unknown[] = [];
    Object.assign(window, { heard });
    document.querySelector("card-number")?.addEventListener("brand", (event) => {
      heard.push((event as CustomEvent).detail.brand);
    });
    document.querySelector("main")?.addEventListener("token", (event) => {
      event.preventDefault();
      heard.push((event as CustomEvent).detail.last4);
    });
  });
  await fill(checkout);
  await page.keyboard.press("Enter");
  await expect
    .poll(() => page.evaluate(() => (window as unknown as { heard: unknown[] }).heard))
    .toEqual(["visa", "4242"]);
  expect(await sent(page)).toEqual([]);
});

test("elements may come, go and move at any time, and leave no frame behind", async ({ checkout }) => {
  const page = await open(checkout, { fields: "" });
  await page.evaluate(() => {
    const form = document.querySelector("card-form");
    for (const tag of ["card-number", "card-expiry", "card-cvc"] as const) {
      form?.append(document.createElement(tag));
    }
    // Moved before the others: its frame loads again.
    const cvc = document.querySelector("card-cvc");
    if (cvc) form?.prepend(cvc);
  });
  await expect(page.locator("iframe")).toHaveCount(4);
  for (const field of ["number", "expiry", "cvc"]) {
    await page.frameLocator(`card-${field} > iframe`).locator(`#${field}`).waitFor();
  }
  await fill(checkout);
  await page.getByRole("button").click();
  await expect.poll(() => sent(page)).toHaveLength(1);
  await page.evaluate(() => document.querySelector("card-cvc")?.remove());
  await expect(page.locator("iframe")).toHaveCount(3);
  await page.evaluate(() => document.querySelector("card-form")?.remove());
  await expect(page.locator("iframe")).toHaveCount(0);
});

test("in the task in which a form is put into the page its fields can be focused and tokenized", async ({
  checkout,
}) => {
  const page = await open(checkout);
  const [code, left] = await page.evaluate(async () => {
    const [before, made] = [document.querySelector("card-form"), document.createElement("card-form")];
    for (const { name, value } of before?.attributes ?? []) made.setAttribute(name, value);
    made.innerHTML = before?.innerHTML.replace(/<iframe.*?<\/iframe>/g, "") ?? "";
    before?.replaceWith(made);
    made.querySelector("card-cvc")?.focus();
    const code = await made.tokenize().catch((error) => error.code);
    return [code, made.querySelectorAll("iframe").length];
  });
  expect([code, left]).toEqual(["card_number_incomplete", 3]);
  await expect(checkout.input("cvc")).toBeFocused();
  await page.keyboard.type("123");
  await expect(page.locator("card-cvc:valid")).toHaveCount(1);
});

for (const [how, replace] of [
  ["in one step", (before: Element, after: Element) => before.replaceWith(after)],
  [
    "by one that comes first",
    (before: Element, after: Element) => {
      before.before(after);
      before.remove();
    },
  ],
  ["with all others", (before: Element, after: Element) => before.parentElement?.replaceChildren(after)],
] as const) {
  test(`a field that is replaced ${how} can be typed into`, async ({ checkout }) => {
    const { page } = checkout;
    const broken: string[] = [];
    page.on("pageerror", ({ message }) => broken.push(message));
    await open(checkout, { fields: "<card-number></card-number><card-expiry></card-expiry>" });
    await checkout.type("number", "4242");
    await page.evaluate(`(() => {
      const after = Object.assign(document.createElement("card-number"), { options: { label: "Other" } });
      (${replace.toString()})(document.querySelector("card-number"), after);
    })()`);
    const input = page.frameLocator("card-number > iframe").locator("#number");
    await expect(input).toHaveAccessibleName("Other");
    await expect(input).toHaveValue("");
    await input.pressSequentially("4242424242424242");
    await expect(page.locator("card-number:valid")).toHaveCount(1);
    expect(broken).toEqual([]);
  });
}

test("the combined card is one element", async ({ checkout }) => {
  const page = await open(checkout, { fields: "<card-combined></card-combined>" });
  await expect(page.locator("card-combined:invalid")).toHaveCount(1);
  const inputs = page.frameLocator("card-combined > iframe");
  for (const [field, text] of [
    ["number", "4242424242424242"],
    ["expiry", "1231"],
    ["cvc", "123"],
  ] as const) {
    await inputs.locator(`#${field}`).click();
    await expect(inputs.locator(`#${field}`)).toBeFocused();
    await page.keyboard.type(text);
  }
  await expect(page.locator("card-combined:valid")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect.poll(() => sent(page)).toHaveLength(1);
});

test("an address for contexts that a framework sets as a property is taken as the attribute is", async ({
  checkout,
}) => {
  const page = await open(checkout);
  await page.evaluate(async () => {
    const [before, made] = [document.querySelector("card-form"), document.createElement("card-form")];
    made.setAttribute("vault", before?.getAttribute("vault") ?? "");
    made.context = "/context";
    made.append(...(before?.children ?? []));
    before?.replaceWith(made);
    await made.fields?.ready;
  });
  await fill(checkout);
  await page.getByRole("button").click();
  await expect.poll(() => sent(page)).toHaveLength(1);
});
