// The custom elements in HTML as a merchant writes it: labels, validation, Enter, submit, reset and FormData.

import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { type Checkout, expect, test } from "./checkout.ts";

interface Given {
  /** Of the form's. */
  readonly fields?: string;
  readonly formAttributes?: string;
}

const FIELDS = `<label for="card">Card number</label> <card-number id="card"></card-number>
  <label>Expires <card-expiry></card-expiry></label>
  <card-cvc></card-cvc>`;

/** Opens a page with a form; what its own listener would send is written down. */
async function open(checkout: Checkout, { fields = FIELDS, formAttributes = "" }: Given = {}): Promise<Page> {
  const { page, origin, sandbox } = checkout;
  await page.route(`${origin}/elements.js`, (route) =>
    route.fulfill({ contentType: "text/javascript", body: readFileSync("dist/adapters/elements.js") }),
  );
  await page.route(`${origin}/context`, async (route) => route.fulfill({ body: await checkout.context() }));
  await page.goto(origin);
  await page.waitForFunction(() => window.cardseal !== undefined);
  await page.evaluate(
    async ({ vault, fields, formAttributes }) => {
      const map = document.createElement("script");
      map.type = "importmap";
      map.textContent = '{"imports":{"cardseal":"/cardseal.js"}}';
      document.head.append(map);
      document.body.innerHTML = `<main><h1>Checkout</h1><form>
        <card-form vault="${vault}" context="/context" ${formAttributes}>${fields}</card-form>
        <button name="how" value="now">Pay</button></form></main>`;
      const [sent, failed]: [unknown[], unknown[]] = [[], []];
      Object.assign(window, { sent, failed });
      document.querySelector("form")?.addEventListener("submit", (event) => {
        event.preventDefault();
        sent.push([...new FormData(event.target as HTMLFormElement, event.submitter)]);
      });
      document.addEventListener(
        "error",
        (event) => failed.push((event as unknown as CustomEvent).detail?.code),
        true,
      );
      await import(String("/elements.js"));
      await document.querySelector("card-form")?.fields?.ready;
    },
    { vault: sandbox.vault, fields, formAttributes },
  );
  return page;
}

const sent = (page: Page) => page.evaluate(() => (window as unknown as { sent: [string, string][][] }).sent);
const failed = (page: Page) => page.evaluate(() => (window as unknown as { failed: string[] }).failed);

async function fill(checkout: Checkout, number = "4242424242424242"): Promise<void> {
  await checkout.type("number", number);
  await checkout.type("expiry", "1231");
  await checkout.type("cvc", "123");
}

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

test("Enter in a field submits by the form's button, and a token is used again until something is typed", async ({
  checkout,
}) => {
  const page = await open(checkout, { formAttributes: 'name="card"' });
  await fill(checkout);
  await page.keyboard.press("Enter");
  await expect.poll(() => sent(page)).toHaveLength(1);
  await page.getByRole("button").click();
  await expect.poll(() => sent(page)).toHaveLength(2);
  await checkout.input("number").press("End");
  await page.keyboard.press("Backspace");
  await page.keyboard.type("2");
  await page.keyboard.press("Enter");
  await expect.poll(() => sent(page)).toHaveLength(3);
  const [first, second, third] = await sent(page);
  expect(first?.[0]?.[0]).toBe("card");
  expect(first?.[1]).toEqual(["how", "now"]);
  expect(second).toEqual(first);
  expect(third?.[0]?.[1]).not.toBe(first?.[0]?.[1]);
});

test("a field that is not filled in is :invalid, holds the form back and shows why", async ({ checkout }) => {
  const page = await open(checkout);
  await expect(page.locator("card-number:invalid")).toHaveCount(1);
  await checkout.type("number", "4242424242424242");
  await expect(page.locator("card-number:valid")).toHaveCount(1);
  await checkout.type("expiry", "12");
  await page.getByRole("button").click();
  await expect.poll(() => failed(page)).toEqual(["expiry_incomplete"]);
  await expect(checkout.input("expiry")).toHaveAttribute("aria-invalid", "true");
  await expect(checkout.input("expiry")).toBeFocused();
  expect(await sent(page)).toEqual([]);
  const validity = await page.evaluate(() =>
    ["expiry", "cvc"].map((field) => {
      const { validity } = document.querySelector<HTMLInputElement>(`card-${field}`) as HTMLInputElement;
      return [validity.valueMissing, validity.badInput];
    }),
  );
  expect(validity).toEqual([
    [false, true],
    [true, false],
  ]);
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
