// What stands at the end of the input of a number or a code: an icon, and where a card can be paid over several networks the
// choice among them. Its script comes after the field's. It must never make anything move by what was typed.

import type { Brand } from "../brands.js";
import type { View } from "./core.js";
import { drawCode, drawNetwork, NETWORKS } from "./icons.js";
import type { Input } from "./input.js";

/** Put in by the build: networks.css. */
declare const CARDSEAL_BADGE_STYLE: string;

/** What an input leaves free at its end: for the icon too, if it is at least this wide. */
const roomFrom = (width: string): string =>
  `calc(2.25rem + clamp(0px, (100% - ${width}) * 99, var(--icon, 1.5rem) * 2))`;
const ROOM = { number: roomFrom("17rem"), cvc: roomFrom("13rem") };

/** The icon of one input, and the choice behind it. */
export class Badge {
  readonly #input: Input;
  readonly #box = document.createElement("b");
  readonly #select = document.createElement("select");
  /** Says that there is a choice to whoever does not see it come. */
  readonly #status = document.createElement("i");
  #shown = "";

  /** `choose` is called with the network that the cardholder chose. */
  constructor(input: Input, choose: (network: Brand) => void) {
    this.#input = input;
    const select = this.#select;
    select.autocomplete = "off";
    select.hidden = true;
    select.addEventListener("change", () => choose(select.value as Brand));
    this.#status.setAttribute("aria-live", "polite");
    this.#box.className = input.field;
    this.#box.append(select);
    const host = document.createElement("span");
    // The page's style is for the input: of it only the tokens reach in here.
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CARDSEAL_BADGE_STYLE);
    root.adoptedStyleSheets = [sheet];
    root.append(this.#box, this.#status);
    input.box.append(host);
  }

  /** Shows what a card can be paid over; `icons` says whether the page wants any. */
  show({ brand, networks = [], network = brand }: Partial<View>, icons: boolean): void {
    const { element, field } = this.#input;
    const select = this.#select;
    select.disabled = element.disabled;
    const label = this.#input.text("network_label") ?? "";
    const shown = JSON.stringify([networks, network, icons, label]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const several = networks.length > 1;
    element.style.setProperty("--end", icons || field === "number" ? ROOM[field as keyof typeof ROOM] : "");
    const old = this.#box.querySelector("svg");
    let icon: SVGSVGElement | undefined;
    if (icons || several)
      icon = field === "number" ? drawNetwork(network, several) : drawCode(network === "american-express");
    // The choice stays where it is: it would lose the focus.
    if (icon && old) old.replaceWith(icon);
    else if (icon) this.#box.prepend(icon);
    else old?.remove();
    if (networks.join() !== [...select.options].map(({ value }) => value).join())
      select.replaceChildren(...networks.map((name) => new Option(titleOf(name), name)));
    select.value = network ?? "";
    select.title = label;
    select.setAttribute("aria-label", label);
    select.hidden = !several;
    const status = several ? `${label}: ${networks.map(titleOf).join(", ")}` : "";
    if (this.#status.textContent !== status) this.#status.textContent = status;
  }
}

function titleOf(network: Brand): string {
  return NETWORKS[network][0];
}
