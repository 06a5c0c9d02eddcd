// A form that looks as asked, and what the browser makes of it: for the tests of style.

import type { Options, Style } from "../../js/index.js";
import { type Checkout, expect, type Field } from "./checkout.ts";

type Styles = Partial<Record<Field, Style>>;

/** Opens the page with three fields that look as asked, and waits until they can be used. */
export async function mount(
  checkout: Checkout,
  look: Pick<Options, "theme" | "style" | "locale"> = {},
  own: Styles = {},
) {
  await checkout.open();
  const outcome = await checkout.page.evaluate(
    async ({ vault, look, own }) => {
      const context = window.askContext;
      window.fields = window.cardseal.createFields({ vault, context, timeout: 20_000, ...look });
      for (const name of ["ready", "change", "focus", "blur"] as const) {
        window.fields.on(name, (event) => window.events.push({ name, event }));
      }
      const mount = (field: Field) => window.fields.mount(field, `#${field}`, { style: own[field] });
      window.mounted = { number: mount("number"), expiry: mount("expiry"), cvc: mount("cvc") };
      return window.fields.ready.then(() => "ready").catch((error) => error.code);
    },
    { vault: checkout.sandbox.vault, look, own },
  );
  expect(outcome).toBe("ready");
}

/** A computed property of a field's input. */
export function computed(checkout: Checkout, property: string, field: Field = "number", pseudo?: string) {
  return checkout
    .input(field)
    .evaluate((input, { property, pseudo }) => getComputedStyle(input, pseudo).getPropertyValue(property), {
      property,
      pseudo,
    });
}

/** Reads until it is so: what the page says takes its way through the port. */
export function soon(checkout: Checkout, property: string, field?: Field, pseudo?: string) {
  return expect.poll(() => computed(checkout, property, field, pseudo));
}
