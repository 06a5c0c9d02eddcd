// Icons of our own drawing: a card that bears letters of a network's name, or shows where its security code stands. They
// copy no trademark, have the colour of the text around them, and load nothing.

import type { Brand } from "../brands.js";

/** What people call a network, and the letters that its icon bears. */
export const NETWORKS: Readonly<Record<Brand, readonly [title: string, letters: string]>> = {
  visa: ["Visa", "VISA"],
  mastercard: ["Mastercard", "MC"],
  "american-express": ["American Express", "AMEX"],
  "diners-club": ["Diners Club", "DC"],
  discover: ["Discover", "DISC"],
  troy: ["Troy", "TROY"],
  jcb: ["JCB", "JCB"],
  unionpay: ["UnionPay", "UP"],
  naranja: ["Naranja", "NARA"],
  verve: ["Verve", "VERV"],
  rupay: ["RuPay", "RUP"],
  maestro: ["Maestro", "MAES"],
  elo: ["Elo", "ELO"],
  mir: ["Mir", "MIR"],
  hiper: ["Hiper", "HIPER"],
  hipercard: ["Hipercard", "HC"],
  "cartes-bancaires": ["Cartes Bancaires", "CB"],
  bancontact: ["Bancontact", "BC"],
  dankort: ["Dankort", "DK"],
  girocard: ["girocard", "GIRO"],
  "eftpos-australia": ["eftpos Australia", "EFT"],
};

/** The icon of a network, by its name; with `several`, one beside a sign that there is a choice, which names it. */
export function drawNetwork(network: Brand | undefined, several: boolean): SVGSVGElement | undefined {
  const known = network && NETWORKS[network];
  if (!known) return undefined;
  const letters = [...known[1]].map((letter) => LETTERS[letter] ?? "0");
  let left = 19 - letters.reduce((sum, letter) => sum + Number(letter[0]) + 2, 0) / 2;
  const path = letters.map((letter) => {
    const drawn = `M${left} 8${letter.slice(1)}`;
    left += Number(letter[0]) + 2;
    return drawn;
  });
  return draw(path.join("") + (several ? "M39.5 10.5l3 3.5 3-3.5" : ""), several ? "" : known[0]);
}

/** Where the security code stands: on the back, or above the number. */
export function drawCode(front: boolean): SVGSVGElement {
  return draw(front ? "M19 8h1m2.5 0h1m2.5 0h1m2.5 0h1M6 17h14" : "M1.5 7h33m-12 8h1m2.5 0h1m2.5 0h1");
}

/** An icon with a name is heard of, one without is for the eye alone. */
function draw(path: string, name = ""): SVGSVGElement {
  const icon = make("svg", {
    ...(name ? { role: "img", "aria-label": name } : { "aria-hidden": "true" }),
    // Room for the sign of a choice is there before there is one, so that nothing moves.
    viewBox: "0 0 46 24",
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "1.5",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  });
  icon.append(
    make("rect", { x: ".5", y: ".5", width: "35", height: "23", rx: "3", "stroke-width": "1" }),
    make("path", { d: path }),
  );
  return icon;
}

function make<Name extends "svg" | "rect" | "path">(
  name: Name,
  attributes: Record<string, string>,
): SVGElementTagNameMap[Name] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
}

/** Each letter: its width, and its strokes from its upper left corner, eight high. */
const LETTERS: Readonly<Record<string, string>> = {
  A: "6m0 8 3-8 3 8m-1-2.7h-4",
  B: "5v8h2.7c3 0 3-4.2 0-4.2 2.6 0 2.6-3.8 0-3.8zm0 3.8h2.7",
  C: "5m5 1.5c-1.2-2.2-5-2-5 2.5s3.8 4.7 5 2.5",
  D: "5v8h1.6c4.6 0 4.6-8 0-8z",
  E: "4m4 0h-4v8h4m-4-4h3.4",
  F: "4m0 8v-8h4m-4 4h3.4",
  G: "5m5 1.5c-1.2-2.2-5-2-5 2.5s5 4.8 5 1v-1h-2",
  H: "5v8m5-8v8m0-4h-5",
  I: "0v8",
  J: "4m4 0v5.5c0 3.3-3.6 3.3-4 .7",
  K: "5v8m5-8-5 5m1.7-1.8 3.3 4.8",
  L: "4v8h4",
  M: "6m0 8v-8l3 5 3-5v8",
  N: "5m0 8v-8l5 8v-8",
  O: "6m3 0c-4 0-4 8 0 8s4-8 0-8z",
  P: "5m0 8v-8h2.7c3.1 0 3.1 4.6 0 4.6h-2.7",
  R: "5m0 8v-8h2.6c3 0 3 4.4 0 4.4h-2.6m2.6 0 2.4 3.6",
  S: "5m4.8 1.3c-.9-1.8-4.4-1.7-4.4.6 0 2.7 4.6 1.6 4.6 4.2 0 2.3-4 2.6-5 .6",
  T: "5h5m-2.5 0v8",
  U: "5v5c0 4 5 4 5 0v-5",
  V: "5l2.5 8 2.5-8",
  X: "5l5 8m0-8-5 8",
  Y: "5l2.5 4v4m0-4 2.5-4",
};
