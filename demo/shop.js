// The shop's page: three fields, one button, one token.

import { CardsealError, createFields } from "/cardseal.js";
import { showResult } from "/explain.js";

/** The context that the fields were given last. The page passes it on and need not read it. */
let context = "";

const fields = createFields({
  vault: setting("vault"),
  merchant: setting("merchant"),
  context: async () => {
    const response = await fetch("/context");
    if (!response.ok) throw new Error(`the shop's backend answered ${response.status}`);
    context = await response.text();
    return context;
  },
});

const handles = {
  number: fields.mount("number", "#card-number"),
  expiry: fields.mount("expiry", "#card-expiry"),
  cvc: fields.mount("cvc", "#card-cvc"),
};

const message = element("message");
const pay = element("pay");

/** Everything that the fields ever told this page. @type {(readonly [name: string, event: object])[]} */
const seen = [];
for (const name of /** @type {const} */ (["ready", "change", "focus", "blur"])) {
  fields.on(name, (event) => seen.push([name, event]));
}

handles.number.on("change", ({ brand }) => {
  const label = element("brand");
  label.hidden = !brand;
  label.textContent = brand ? brandName(brand) : "";
});

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
  if (pay.getAttribute("aria-disabled") === "true") return;
  message.textContent = "";
  pay.setAttribute("aria-disabled", "true");
  try {
    // A token that the backend did not take yet is sent again: another one would need another context.
    unsent ??= { token: await fields.tokenize(), used: context };
    const { token, used } = unsent;
    const receipt = await send(token.id);
    unsent = undefined;
    showResult({ token, context: used, seen, receipt, brand: brandName(token.brand) });
  } catch (error) {
    showError(error);
  } finally {
    pay.removeAttribute("aria-disabled");
  }
});

/** The one thing the page does with a token. @param {string} token */
async function send(token) {
  const response = await fetch("/pay", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (!response.ok) throw new Error(`the shop's backend answered ${response.status}`);
  return response.json();
}

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

/** @param {string} brand */
function brandName(brand) {
  /** @type {Record<string, string>} */
  const names = { jcb: "JCB", unionpay: "UnionPay", rupay: "RuPay", elo: "Elo" };
  return (
    names[brand] ?? brand.replace(/(^|-)([a-z])/g, (_, gap, letter) => (gap && " ") + letter.toUpperCase())
  );
}

/** @param {string} name */
function setting(name) {
  return document.querySelector(`meta[name="cardseal-${name}"]`)?.getAttribute("content") ?? "";
}

/** @param {string} id @returns {HTMLElement} */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element #${id}`);
  return found;
}
