// The gallery: one shop, one vault, and fields of every shape. The code that is shown beside a form is the code that runs.

import { CardsealError, createFields } from "/cardseal.js";
import { askContext, brandName, element, pay, shop } from "/page.js";

/** @typedef {ReturnType<typeof createFields>} Fields */
/** @typedef {import("../js/index.js").Token} Token */

/** A form by the id of its element. What a function does but for its last line is shown. @type {Record<string, () => Fields>} */
const variants = {
  separate() {
    const fields = createFields(shop);
    fields.mount("number", "#separate-number");
    fields.mount("expiry", "#separate-expiry");
    fields.mount("cvc", "#separate-cvc");
    return fields;
  },

  combined() {
    const fields = createFields(shop);
    fields.mount("card", "#combined-card", {
      inputs: ["number", "month", "year", "cvc", "name"],
      control: "select",
    });
    return fields;
  },

  dark() {
    const fields = createFields({
      ...shop,
      theme: "dark",
      style: {
        "--focus": "#7cc7a8",
        "--right": "#7cc7a8",
        "--radius": "1.75rem",
        "--padding": "1.25rem",
      },
    });
    fields.mount("number", "#dark-number");
    fields.mount("expiry", "#dark-expiry");
    fields.mount("cvc", "#dark-cvc");
    return fields;
  },

  arabic() {
    const fields = createFields({ ...shop, locale: "ar" });
    fields.mount("number", "#arabic-number");
    fields.mount("expiry", "#arabic-expiry");
    fields.mount("cvc", "#arabic-cvc");
    return fields;
  },

  badged() {
    const fields = createFields(shop);
    fields.mount("number", "#badged-number", {
      preferredNetwork: "visa",
    });
    fields.mount("expiry", "#badged-expiry");
    fields.mount("cvc", "#badged-cvc");
    fields.on("networks", showNetworks);
    return fields;
  },

  code() {
    const fields = createFields({
      ...shop,
      context: () => askContext("/context-for-code"),
    });
    fields.mount("cvc", "#code-cvc");
    return fields;
  },
};

/** Fields by form, for those that are there. @type {Map<string, Fields>} */
const forms = new Map();
/** The token whose code the last form asks for. */
let stored = "";

element("shop-code").textContent = [
  "const shop = {",
  `  vault: "${shop.vault}",`,
  `  merchant: "${shop.merchant}",`,
  '  context: () => askContext("/context"), // the shop\'s backend',
  "};",
].join("\n");

for (const [name, make] of Object.entries(variants)) {
  const code = document.querySelector(`[data-code=${name}]`);
  if (code) code.textContent = bodyOf(make);
  element(name).addEventListener("submit", (event) => {
    event.preventDefault();
    submit(name);
  });
  // Of a code alone there is a form once a card is stored.
  if (name !== "code") start(name);
}

/** @param {string} name */
function start(name) {
  forms.get(name)?.destroy();
  const fields = variants[name]?.();
  if (!fields) return;
  forms.set(name, fields);
  fields.ready.catch((error) => {
    // One that was replaced meanwhile has nothing to say.
    if (forms.get(name) === fields) say(name, "message", `The card fields did not load (${error.code}).`);
  });
}

/** @param {string} name */
async function submit(name) {
  const fields = forms.get(name);
  const button = element(name).querySelector("button");
  if (!fields || !button || button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  say(name, "message", "");
  say(name, "made", "");
  try {
    const token = await fields.tokenize();
    await pay(token.id);
    say(name, "made", `${token.id} · ${describe(token)}`);
    offerCode(token);
  } catch (error) {
    showError(name, error);
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

/** The card is stored: its code can be asked for. A context for the card that was stored before is of no use then. @param {Token} token */
function offerCode(token) {
  element("nothing-stored").hidden = true;
  element("stored").hidden = false;
  if (stored === token.id) return;
  stored = token.id;
  element("stored-card").textContent = describe(token);
  say("code", "made", "");
  start("code");
}

/** What the page hears of a co-badged card. @param {import("../js/index.js").NetworksEvent} event */
function showNetworks({ networks, network }) {
  element("networks").textContent = network
    ? `The page hears: ${networks.map(brandName).join(" or ")}; ${brandName(network)} is chosen.`
    : "";
}

/** @param {string} name @param {unknown} error */
function showError(name, error) {
  // The field itself shows and announces what is wrong with the card.
  if (error instanceof CardsealError && error.blame === "input") return;
  const known = error instanceof CardsealError ? `${error.message} (${error.code})` : undefined;
  say(name, "message", known ?? "The shop could not be reached. Please try again.");
}

/** @param {Token} token */
function describe({ brand, last4 }) {
  return `${brandName(brand)} ending in ${last4}`;
}

/** @param {string} name @param {"message" | "made"} line @param {string} text */
function say(name, line, text) {
  const place = element(name).querySelector(`.${line}`);
  if (place) place.textContent = text;
}

/** A function's lines between its first and its `return`, as they stand in this file. @param {() => unknown} make */
function bodyOf(make) {
  const lines = make.toString().split("\n").slice(1, -2);
  return lines.map((line) => line.slice(4)).join("\n");
}
