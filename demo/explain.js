// Shows what happened after a payment: only what this page was told, or what follows from the context it was given.

import { element } from "/page.js";

/** @typedef {import("../js/index.js").Token} Token */

/**
 * @typedef {object} Result
 * @property {Token} token
 * @property {string} context the capture context the card was sealed for
 * @property {readonly (readonly [name: string, event: object])[]} seen
 * @property {{ order: string, received: object }} receipt what the shop's backend got
 * @property {string} brand the brand's name
 */

/** @param {Result} result */
export function showResult({ token, context, seen, receipt, brand }) {
  write("token", token.id);
  write("card-hint", `${brand} ending in ${token.last4}`);
  write("received", JSON.stringify(receipt.received, null, 2));
  write("answer", JSON.stringify(token, null, 2));
  write("attempt", tryToRead());
  element("events").replaceChildren(...seen.map(eventLine));
  const claims = decode(context, 1);
  facts("context", contextFacts(decode(context, 0), claims));
  facts("sealed", sealedFacts(claims));
  const section = element("result");
  section.hidden = false;
  const heading = element("result-title");
  heading.focus({ preventScroll: true });
  section.scrollIntoView({ block: "start" });
}

/** What the browser answers when this page reaches into the frame of the card number, at this moment. */
function tryToRead() {
  const frame = document.querySelector("#card-number iframe");
  if (!(frame instanceof HTMLIFrameElement)) return "There is no frame.";
  try {
    const text = frame.contentWindow?.document.body.textContent;
    return `The page could read the frame: ${text}`;
  } catch (error) {
    return `The browser refuses: ${error instanceof Error ? error.name : "an error"}. The frame is of another origin, ${new URL(frame.src).origin}.`;
  }
}

/** @param {Record<string, any>} header @param {Record<string, any>} claims @returns {[string, string][]} */
function contextFacts(header, claims) {
  return [
    ["Signed with", `${header.alg}, key ${header.kid}`],
    ["Issued by", claims.iss],
    ["For", `merchant ${claims.sub}, on ${claims.origins.join(", ")}`],
    ["Order", claims.ref ?? "none"],
    ["Good until", `${new Date(claims.exp * 1000).toLocaleTimeString()}, for one token`],
    ["Card is sealed to", `public key ${claims.key.kid}`],
  ];
}

/** The vault refuses a sealed card that is anything else. @param {Record<string, any>} claims @returns {[string, string][]} */
function sealedFacts(claims) {
  return [
    ["Header, readable", `alg ${claims.key.alg}, enc A256GCM, typ cardseal+jwe`],
    ["… kid", `${claims.key.kid}, the vault's public key`],
    ["… ctx", `${claims.jti}, this context and no other`],
    ["… org", `${location.origin}, where the fields stand`],
    ["… iat", "the time of sealing, which only the frame knows"],
    ["Wrapped key", `${Math.floor((claims.key.n.length * 3) / 4)} bytes, for the vault's private key alone`],
    ["Ciphertext", "512 bytes for every card, so that its size says nothing"],
    ["Tag", "16 bytes: the vault notices if a bit of card or header is changed"],
  ];
}

/** @param {readonly [name: string, event: object]} entry */
function eventLine([name, event]) {
  const line = document.createElement("li");
  const title = document.createElement("b");
  title.textContent = name;
  line.append(title, JSON.stringify(event, null, 1).replace(/\n */g, " "));
  return line;
}

/** @param {string} id @param {[string, string][]} rows */
function facts(id, rows) {
  element(id).replaceChildren(
    ...rows.map(([term, text]) => {
      const row = document.createElement("div");
      const dt = document.createElement("dt");
      const dd = document.createElement("dd");
      dt.textContent = term;
      dd.textContent = text;
      row.append(dt, dd);
      return row;
    }),
  );
}

/** A part of a compact JWS. @param {string} jws @param {number} index @returns {Record<string, any>} */
function decode(jws, index) {
  const part = jws.split(".")[index] ?? "";
  return JSON.parse(atob(part.replaceAll("-", "+").replaceAll("_", "/")));
}

/** @param {string} id @param {string} text */
function write(id, text) {
  element(id).textContent = text;
}
