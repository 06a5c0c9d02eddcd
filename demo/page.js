// What the pages of the shop share: their settings, the contexts for the fields, and the way to the shop's backend.

/** What every form is created with. */
export const shop = {
  vault: setting("vault"),
  merchant: setting("merchant"),
  context: () => askContext("/context"),
};

/** A capture context from the shop's backend. The page passes it on and need not read it. @param {string} path */
export async function askContext(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`the shop's backend answered ${response.status}`);
  return response.text();
}

/** The one thing the page does with a token. @param {string} token */
export async function pay(token) {
  const response = await fetch("/pay", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (!response.ok) throw new Error(`the shop's backend answered ${response.status}`);
  return response.json();
}

/** @param {string} brand */
export function brandName(brand) {
  /** @type {Record<string, string>} */
  const names = { jcb: "JCB", unionpay: "UnionPay", rupay: "RuPay", elo: "Elo" };
  return (
    names[brand] ?? brand.replace(/(^|-)([a-z])/g, (_, gap, letter) => (gap && " ") + letter.toUpperCase())
  );
}

/** @param {string} id @returns {HTMLElement} */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element #${id}`);
  return found;
}

/** @param {string} name */
function setting(name) {
  return document.querySelector(`meta[name="cardseal-${name}"]`)?.getAttribute("content") ?? "";
}
