/** Chromium's own autofill, on the word of its developer tools. */

import type { MountName } from "../../js/host/mount.js";
import type * as Cardseal from "../../js/index.js";
import { test as base, type Checkout, expect, type Field } from "./checkout.ts";

/** A browser that writes down in each input what it takes it for. */
export const test = base.extend<object, object>({
  launchOptions: [
    ({ launchOptions }, use) =>
      use({
        ...launchOptions,
        args: [...(launchOptions.args ?? []), "--enable-features=AutofillShowTypePredictions"],
      }),
    { scope: "worker" },
  ],
});

/** In forms of their own Chromium does not take the frames for parts of one form, and fills the one that it was asked to. */
export type Layout = "side by side" | "each in a form of its own" | "each slotted into a shadow tree";

/** Opens the page with these fields, ready. */
export async function open(
  checkout: Checkout,
  layout: Layout,
  fields: readonly MountName[],
  options: Partial<Cardseal.Options> = {},
  control: "input" | "select" = "input",
): Promise<void> {
  await checkout.open();
  await checkout.page.evaluate(
    ({ vault, layout, fields, options, control }) => {
      const context = window.askContext;
      window.fields = window.cardseal.createFields({ vault, context, ...options });
      for (const name of ["autofill", "focus", "blur"] as const) {
        window.fields.on(name, (event) => window.events.push({ name, event }));
      }
      for (const name of fields) {
        const main = document.querySelector("main") ?? document.body;
        const place = document.createElement(layout === "each in a form of its own" ? "form" : "div");
        if (layout === "each slotted into a shadow tree")
          place.attachShadow({ mode: "closed" }).append(document.createElement("slot"));
        main.append(place);
        const mounted =
          name === "month" || name === "year"
            ? window.fields.mount(name, place, { control })
            : window.fields.mount(name, place);
        window.mounted = { ...window.mounted, [name]: mounted };
      }
    },
    { vault: checkout.sandbox.vault, layout, fields, options, control },
  );
  expect(await checkout.ready()).toBe("ready");
}

/** A card as Chromium keeps one. */
export const CARD = {
  number: "5555555555554444",
  name: "José Ångström-Ñuñez",
  expiryMonth: "03",
  expiryYear: "2031",
  cvc: "737",
};

/** Fills in a card as if the cardholder had chosen it from the list below this field of a frame, and waits for all of it. */
export async function autofill(
  checkout: Checkout,
  field: Field,
  card = CARD,
  frame = checkout.frame(field),
): Promise<void> {
  // It looks at documents some time after they have changed.
  for (const each of checkout.page.frames())
    await expect(each.locator(":is(input, select):not([autofill-information])")).toHaveCount(0);
  // By this it looks at the form anew, as it does for the cardholder.
  await frame.locator(`#${field}`).click();
  await expect(frame.locator(`#${field}`)).toBeFocused();
  const session = await checkout.page.context().newCDPSession(frame);
  const { root } = await session.send("DOM.getDocument");
  const { nodeId } = await session.send("DOM.querySelector", { nodeId: root.nodeId, selector: `#${field}` });
  const { node } = await session.send("DOM.describeNode", { nodeId });
  const { frameTree } = await session.send("Page.getFrameTree");
  await session.send("Autofill.trigger", {
    fieldId: node.backendNodeId,
    frameId: frameTree.frame.id,
    card,
  });
  await session.detach();
  // What a script has touched since is filled in once more within this time.
  await checkout.page.waitForTimeout(1000);
}
