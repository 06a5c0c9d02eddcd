// The React components as a merchant writes them: in StrictMode, with props that change, and rendered on a server.

import { expect as expectValue } from "@playwright/test";
import { buildSync } from "esbuild";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { type Checkout, expect, test } from "./checkout.ts";

const APP = `
import { StrictMode, createElement as h, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { CardCombined, CardCvc, CardExpiry, CardForm, CardNumber, useCardFields } from "cardseal/react";

function Pay() {
  const fields = useCardFields();
  const [token, setToken] = useState("");
  const pay = () => fields?.tokenize().then(({ id }) => setToken(id), ({ code }) => setToken(code));
  return h("p", null, h("button", { onClick: pay }, "Pay"), h("output", null, token));
}

function Checkout() {
  const [german, setGerman] = useState(false);
  const [whole, setWhole] = useState(false);
  const [cvc, setCvc] = useState(true);
  const [brand, setBrand] = useState("");
  const number = useRef(null);
  useEffect(() => { window.numberElement = number.current; });
  return h(CardForm, { "data-source": "checkout", vault: window.vault, context: () => window.askContext(), locale: german ? "de" : undefined },
    whole ? h(CardCombined, { id: "card", inputs: ["number", "expiry", "cvc"] }) : [
      h(CardNumber, { key: 1, ref: number, "data-testid": "card", "aria-describedby": "brand", id: "number", className: "wide", label: german ? "Ihre Karte" : undefined, onBrand: ({ brand }) => setBrand(brand ?? "") }),
      h(CardExpiry, { key: 2, id: "expiry" }),
      cvc && h(CardCvc, { key: 3, id: "cvc" }),
    ],
    h("output", { id: "brand" }, brand),
    h("button", { onClick: () => setGerman(!german) }, "Deutsch"),
    h("button", { onClick: () => setCvc(!cvc) }, "Code"),
    h("button", { onClick: () => setWhole(!whole) }, "Whole"),
    h(Pay));
}

const root = createRoot(document.querySelector("main"));
root.render(h(StrictMode, null, h(Checkout)));
window.unmountAll = () => root.unmount();
`;

async function open(checkout: Checkout): Promise<void> {
  const { page, origin, sandbox } = checkout;
  const [built] = buildSync({
    stdin: { contents: APP, resolveDir: process.cwd(), loader: "js" },
    bundle: true,
    format: "esm",
    write: false,
    // As it was packed, not as the sources are.
    tsconfigRaw: "{}",
    // What a bundler does while one develops: StrictMode mounts twice then.
    conditions: ["development"],
    define: { "process.env.NODE_ENV": '"development"' },
    logLevel: "error",
  }).outputFiles;
  await page.route(`${origin}/app.js`, (route) =>
    route.fulfill({ contentType: "text/javascript", body: built?.text ?? "" }),
  );
  await checkout.open();
  await page.evaluate(async (vault) => {
    Object.assign(window, { vault });
    document.querySelector("main")?.replaceChildren();
    await import(String("/app.js"));
  }, sandbox.vault);
  await expect(page.locator("iframe")).toHaveCount(4);
  await page.locator("#cvc > iframe").contentFrame().locator("#cvc").waitFor();
}

async function fill(checkout: Checkout): Promise<void> {
  await checkout.type("number", "4242424242424242");
  await checkout.type("expiry", "1231");
  await checkout.type("cvc", "123");
}

test("in StrictMode there is one form, and it makes a token", async ({ checkout }) => {
  const { page } = checkout;
  await open(checkout);
  await expect(page.locator("#number.wide > iframe")).toHaveCount(1);
  await fill(checkout);
  await expect(page.locator("#brand")).toHaveText("visa");
  await page.getByRole("button", { name: "Pay" }).click();
  await expect(page.locator("p > output")).toHaveText(/^tok_/);
});

test("attributes and a ref are of the field's element, whatever a tool gives to all components", async ({
  checkout,
}) => {
  const { page } = checkout;
  await open(checkout);
  const element = page.getByTestId("card");
  await expect(element).toHaveAttribute("aria-describedby", "brand");
  expect(await element.evaluate((div) => div === Reflect.get(window, "numberElement"))).toBe(true);
  await page.getByRole("button", { name: "Whole" }).click();
  await expect(page.locator("iframe")).toHaveCount(2);
  expect(await page.evaluate(() => Reflect.get(window, "numberElement"))).toBeNull();
});

test("props that change reach the fields, which keep what was typed; props that go are as if never given", async ({
  checkout,
}) => {
  const { page } = checkout;
  await open(checkout);
  await checkout.type("number", "4242");
  const german = page.getByRole("button", { name: "Deutsch" });
  await german.click();
  await expect(checkout.input("number")).toHaveAccessibleName("Ihre Karte");
  await expect(checkout.input("cvc")).toHaveAccessibleName("Kartenprüfnummer");
  await german.click();
  await expect(checkout.input("number")).toHaveAccessibleName("Card number");
  await expect(checkout.input("number")).toHaveValue("4242");
});

test("fields come and go with their components, and nothing is left of a tree that is gone", async ({
  checkout,
}) => {
  const { page } = checkout;
  await open(checkout);
  await fill(checkout);
  await page.getByRole("button", { name: "Code" }).click();
  await expect(page.locator("iframe")).toHaveCount(3);
  await page.getByRole("button", { name: "Pay" }).click();
  await expect(page.locator("p > output")).toHaveText("field_not_mounted");
  await page.getByRole("button", { name: "Whole" }).click();
  await expect(page.locator("iframe")).toHaveCount(2);
  await page.evaluate(() => (window as unknown as { unmountAll(): void }).unmountAll());
  await expect(page.locator("iframe")).toHaveCount(0);
});

test("a server renders the places of the fields, and no frame", async () => {
  const { CardForm, CardNumber } = await import("cardseal/react");
  const field = createElement(CardNumber, { id: "number", label: "Card" });
  const form = createElement(CardForm, { vault: "https://vault.example", context: () => "" }, field);
  expectValue(renderToString(form)).toBe('<div id="number"></div>');
});
