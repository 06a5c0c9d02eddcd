// The shop's page: three fields, one button, one token.

import { CardsealError, createFields } from "/cardseal.js";
import { showResult } from "/explain.js";
import { askContext, brandName, element, pay, shop } from "/page.js";

/** The context that the fields were given last, to show what it says. */
let context = "";

const fields = createFields({
  ...shop,
  context: async () => {
    context = await askContext("/context");
    return context;
  },
});

const handles = {
  number: fields.mount("number", "#card-number"),
  expiry: fields.mount("expiry", "#card-expiry"),
  cvc: fields.mount("cvc", "#card-cvc"),
};

const message = element("message");
const button = element("pay");

/** Everything that the fields ever told this page. @type {(readonly [name: string, event: object])[]} */
const seen = [];
for (const name of /** @type {const} */ (["ready", "change", "focus", "blur"])) {
  fields.on(name, (event) => seen.push([name, event]));
}

fields.ready.catch((error) => {
  message.textContent = `The card fields did not load (${error.code}). ${error.message}`;
});

/** Made, but not taken by the shop's backend. @type {{ token: import("../js/index.js").Token, used: string } | undefined} */
let unsent;
fields.on("change", () => {
  unsent = undefined;
});

element("checkout").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (button.getAttribute("aria-disabled") === "true") return;
  message.textContent = "";
  button.setAttribute("aria-disabled", "true");
  try {
    // A token that the backend did not take yet is sent again: another one would need another context.
    unsent ??= { token: await fields.tokenize(), used: context };
    const { token, used } = unsent;
    const receipt = await pay(token.id);
    unsent = undefined;
    showResult({ token, context: used, seen, receipt, brand: brandName(token.brand) });
  } catch (error) {
    showError(error);
  } finally {
    button.removeAttribute("aria-disabled");
  }
});

/** @param {unknown} error */
function showError(error) {
  if (!(error instanceof CardsealError)) {
    message.textContent = "The shop could not be reached. Please try again.";
    return;
  }
  // The field shows and announces what is wrong with the card; the page only leads there.
  if (error.blame === "input" && error.field && error.field in handles) {
    handles[/** @type {keyof typeof handles} */ (error.field)].focus();
    return;
  }
  message.textContent = `${error.message} (${error.code})`;
}
