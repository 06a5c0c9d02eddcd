// What a card shall be paid over, as the cardholder or else the page wants it, and the badge that shows it. The badge's script
// comes when the field can be used already; without it a field is as good, but for icon and chooser.

import type { Brand } from "../brands.js";
import type { FieldSettings } from "../messages.js";
import type { View } from "./core.js";
import type { Input } from "./input.js";
import type { Badge } from "./networks.js";
import type { CoordinatorPeer } from "./peers.js";

export class Choice {
  readonly #input: Input;
  #badge: Badge | undefined;
  #view: Pick<View, "brand" | "networks" | "network"> = {};
  #icons = true;
  /** The page's wish. */
  #preferred: Brand | undefined;
  /** The cardholder's, for a number that begins with these digits. */
  #chosen: Brand | undefined;
  #bin = "";

  /** `changed` is called when the cardholder has chosen. */
  constructor(input: Input, changed: () => void) {
    this.#input = input;
    const script = document.querySelector<HTMLLinkElement>("link[rel=modulepreload]")?.href;
    if (!script || !/^(number|cvc)$/.test(input.field)) return;
    import(script)
      .then((networks: typeof import("./networks.js")) => {
        this.#badge = new networks.Badge(input, (network) => {
          this.#chosen = network;
          changed();
        });
        this.show();
      })
      // Of what is here for the eye nothing is missed.
      .catch(() => {});
  }

  set({ icons = true, preferredNetwork }: FieldSettings): void {
    this.#icons = icons;
    this.#preferred = preferredNetwork;
    this.show();
  }

  /** Says what is wanted of the number that the input holds. */
  tell(coordinator: CoordinatorPeer): void {
    if (this.#input.field !== "number") return;
    const bin = this.#input.element.value.replace(/\D/g, "").slice(0, 8);
    if (bin !== this.#bin) this.#chosen = undefined;
    this.#bin = bin;
    coordinator.prefer(this.#chosen ?? this.#preferred);
  }

  /** Shows what a card can be paid over now. */
  show(view = this.#view): void {
    this.#view = view;
    this.#badge?.show(view, this.#icons);
  }
}
