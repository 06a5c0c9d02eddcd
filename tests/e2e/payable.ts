/** Fields for cards that can be paid over several networks, and what there is to see and hear of them. */
import type { Options } from "../../js/index.js";
import type { CaptureContextRequest, StoredToken } from "../../js/server/index.js";
import { type Checkout, expect } from "./checkout.ts";

/** A published test card, as the sandbox's table has it. */
export const CO_BADGED = "4035501000000008";

interface Wish {
  /** What the backend asks the context for. */
  context?: Partial<CaptureContextRequest>;
  form?: Omit<Partial<Options>, "vault" | "context">;
  number?: { icons?: boolean; preferredNetwork?: "visa" | "dankort" };
}

/** Opens the page with number, expiry and cvc as wished for. */
export async function mount(
  checkout: Checkout,
  { context, form = {}, number = {} }: Wish = {},
): Promise<void> {
  await checkout.open();
  const contexts = [await checkout.context(context)];
  await checkout.page.evaluate(
    ({ vault, contexts, form, number }) => {
      const ask = window.askContext;
      const next = async (): Promise<string> => contexts.shift() ?? (await ask());
      window.fields = window.cardseal.createFields({ vault, context: next, timeout: 20_000, ...form });
      for (const name of ["change", "brand", "networks"] as const)
        window.fields.on(name, (event) => window.events.push({ name, event }));
      window.mounted = {
        number: window.fields.mount("number", "#number", number),
        expiry: window.fields.mount("expiry", "#expiry"),
        cvc: window.fields.mount("cvc", "#cvc"),
      };
    },
    { vault: checkout.sandbox.vault, contexts, form, number },
  );
  expect(await checkout.ready()).toBe("ready");
}

export const chooser = (checkout: Checkout) =>
  checkout.frame("number").getByRole("combobox", { name: "Card network" });

export const icon = (checkout: Checkout, name: string) => checkout.frame("number").getByRole("img", { name });

/** What the page was told of networks. */
export async function told(checkout: Checkout): Promise<unknown[]> {
  return checkout.page.evaluate(() =>
    window.events.filter(({ name }) => name === "networks").map(({ event }) => event),
  );
}

/** What the backend reads of the token that the page gets. */
export async function metadata(checkout: Checkout): Promise<StoredToken> {
  const { id = "", code } = await checkout.tokenize();
  expect(code).toBeUndefined();
  return checkout.sandbox.backend.token(id);
}
