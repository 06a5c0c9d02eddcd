/** Whatever can be mounted, with its options, and hands that reach into it. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Frame, Locator } from "@playwright/test";
import type * as Cardseal from "../../js/index.js";
import { type Checkout, expect, type Field } from "./checkout.ts";

export type Given = { readonly [Name in Cardseal.MountName]?: Cardseal.MountOptions[Name] };

/** Opens the page and mounts these, in this order of the page, with a context that asks for `request`, then usual ones. */
export async function mount(
  checkout: Checkout,
  given: Given,
  request: Parameters<Checkout["context"]>[0] = {},
  options: Partial<Cardseal.Options> = {},
): Promise<void> {
  await checkout.open();
  const context = await checkout.context(request);
  await checkout.page.evaluate(
    ({ vault, context, given, options }) => {
      const ask = window.askContext;
      const contexts = [context];
      const give = (): string | Promise<string> => contexts.shift() ?? ask();
      window.fields = window.cardseal.createFields({ vault, context: give, ...options });
      for (const name of ["ready", "change", "focus", "blur", "brand", "enter", "escape"] as const)
        window.fields.on(name, (event) => window.events.push({ name, event }));
      for (const [name, given_] of Object.entries(given)) {
        const place = document.getElementById(name) ?? document.createElement("div");
        place.id = name;
        document.querySelector("main")?.append(place);
        const handle = window.fields.mount(name as Cardseal.MountName, place, given_);
        window.mounted = Object.assign(window.mounted ?? {}, { [name]: handle });
      }
    },
    { vault: checkout.sandbox.vault, context, given: given as Record<string, object>, options },
  );
  expect(await checkout.ready()).toBe("ready");
}

/** Mounts one more into the element of this id, and waits until it can be used. */
export async function add<Name extends Cardseal.MountName>(
  checkout: Checkout,
  name: Name,
  place: string,
  options: Cardseal.MountOptions[Name] = {},
): Promise<void> {
  await checkout.page.evaluate(
    ({ name, place, options }) => {
      const handle = window.fields.mount(name as Cardseal.FieldName, `#${place}`, options);
      window.mounted = Object.assign(window.mounted ?? {}, { [name]: handle });
      return new Promise<void>((resolve) => handle.on("ready", () => resolve()));
    },
    { name: name as string, place, options: options as object },
  );
}

/** The frame of a card. */
export function cardOf(checkout: Checkout): Frame {
  return checkout.frame("card" as Field);
}

/** An input of a card. */
export function within(checkout: Checkout, field: Field): Locator {
  return cardOf(checkout).locator(`#${field}`);
}

/** Types key by key into an input of a card. */
export async function typeInto(checkout: Checkout, field: Field, text: string): Promise<void> {
  await within(checkout, field).click();
  await expect(within(checkout, field)).toBeFocused();
  await checkout.page.keyboard.type(text);
}

/** The code with which a call in the page throws. */
export async function thrown(checkout: Checkout, call: () => unknown): Promise<string | undefined> {
  return checkout.page.evaluate(`(() => {
    try { (${call})(); } catch (error) { return error.code; }
  })()`);
}

/** The card behind a token, as the sandbox shows it. */
export function stored(checkout: Checkout, token: string | undefined): unknown {
  const program = join(process.env.CARGO_TARGET_DIR ?? "target", "debug", "cardseal-sandbox");
  return JSON.parse(
    execFileSync(program, ["show", "--data", checkout.sandbox.data.path, token ?? ""], { encoding: "utf8" }),
  );
}
