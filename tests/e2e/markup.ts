// A page with the custom elements in HTML, as a merchant writes it, and what it has cost the vault.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import type { CaptureContextRequest } from "../../js/server/index.js";
import type { Checkout } from "./checkout.ts";

/** What a page is made of. */
export interface Given {
  /** Of the form's. */
  readonly fields?: string;
  readonly formAttributes?: string;
  /** Beside the form. */
  readonly beside?: string;
  /** Of the contexts. */
  readonly request?: Partial<CaptureContextRequest>;
}

/** What a page has cost the vault. */
export interface Order {
  readonly page: Page;
  /** The ids of the tokens that the sandbox made for this page. */
  tokens(): Promise<string[]>;
  /** How many contexts the page has asked for. */
  contexts(): number;
}

export const FIELDS = `<label for="card">Card number</label> <card-number id="card"></card-number>
  <label>Expires <card-expiry></card-expiry></label>
  <card-cvc></card-cvc>`;

/** Opens a page with a form. */
export async function open(checkout: Checkout, given?: Given): Promise<Page> {
  return (await order(checkout, given)).page;
}

/** The same; what its own listener would send is written down, and each change with the validity it comes with. */
export async function order(
  checkout: Checkout,
  { fields = FIELDS, formAttributes = "", beside = "", request }: Given = {},
): Promise<Order> {
  const { page, origin, sandbox } = checkout;
  const ref = randomUUID();
  let contexts = 0;
  await page.route(`${origin}/elements.js`, (route) =>
    route.fulfill({ contentType: "text/javascript", body: readFileSync("dist/adapters/elements.js") }),
  );
  await page.route(`${origin}/context`, async (route) => {
    contexts += 1;
    await route.fulfill({ body: await checkout.context({ ref, ...request }) });
  });
  await page.goto(origin);
  await page.waitForFunction(() => window.cardseal !== undefined);
  await page.evaluate(
    async ({ vault, fields, formAttributes, beside }) => {
      const map = document.createElement("script");
      map.type = "importmap";
      map.textContent = '{"imports":{"cardseal":"/cardseal.js"}}';
      document.head.append(map);
      document.body.innerHTML = `<main><h1>Checkout</h1><form>
        <card-form vault="${vault}" context="/context" ${formAttributes}>${fields}</card-form>
        ${beside}<button name="how" value="now">Pay</button></form></main>`;
      const [sent, failed, changes]: [unknown[], unknown[], unknown[]] = [[], [], []];
      Object.assign(window, { sent, failed, changes });
      addEventListener("change", (event) => {
        const { detail, target } = event as CustomEvent;
        if (detail) changes.push({ ...detail, valid: (target as HTMLInputElement).validity.valid });
      });
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
    { vault: sandbox.vault, fields, formAttributes, beside },
  );
  return {
    page,
    tokens: async () => (await sandbox.backend.tokens({ ref })).map(({ id }) => id),
    contexts: () => contexts,
  };
}

/** What the page's own listener would have sent, by submission. */
export const sent = (page: Page) =>
  page.evaluate(() => (window as unknown as { sent: [string, string][][] }).sent);
/** The codes of the form's `error` events. */
export const failed = (page: Page) => page.evaluate(() => (window as unknown as { failed: string[] }).failed);

interface Heard {
  readonly field: string;
  readonly complete: boolean;
  readonly error?: { readonly code: string };
  readonly valid: boolean;
}
/** The fields' `change` events, and whether their element was valid by then. */
export const changes = (page: Page) =>
  page.evaluate(() => (window as unknown as { changes: Heard[] }).changes);

export async function fill(checkout: Checkout, number = "4242424242424242"): Promise<void> {
  await checkout.type("number", number);
  await checkout.type("expiry", "1231");
  await checkout.type("cvc", "123");
}
