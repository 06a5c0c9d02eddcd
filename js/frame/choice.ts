// What a card shall be paid over, as the cardholder or else the page wants it, and the badge that shows it. The badge's script
// comes when the field can be used already; without it a field is as good, but for icon and chooser.

import type { Brand } from "../brands.js";
import type { FieldSettings } from "../messages.js";
import type { View } from "./core.js";
import type { Input } from "./input.js";
import type { Badge } from "./networks.js";
import type { CoordinatorPeer } from "./peers.js";

export interface Choice {
  set(settings: FieldSettings): void;
  /** Says what is wanted of the number that the input holds. */
  tell(coordinator: CoordinatorPeer): void;
  /** Shows what a card can be paid over now. */
  show(view: Shown): void;
}

type Shown = Pick<View, "brand" | "networks" | "network">;

/** `changed` is called when the cardholder has chosen. */
export function makeChoice(input: Input, changed: () => void): Choice {
  let badge: Badge | undefined;
  let view: Shown = {};
  let icons = true;
  /** The page's wish. */
  let preferred: Brand | undefined;
  /** The cardholder's, for a number that begins with these digits. */
  let chosen: Brand | undefined;
  let bin = "";

  function show(): void {
    badge?.show(view, icons);
  }

  const script = document.querySelector<HTMLLinkElement>("link[rel=modulepreload]")?.href;
  if (script && /^(number|cvc)$/.test(input.field))
    import(script)
      .then((networks: typeof import("./networks.js")) => {
        badge = new networks.Badge(input, (network) => {
          chosen = network;
          changed();
        });
        show();
      })
      // Of what is here for the eye nothing is missed.
      .catch(() => {});

  return {
    set: ({ icons: wanted = true, preferredNetwork }) => {
      icons = wanted;
      preferred = preferredNetwork;
      show();
    },
    tell: (coordinator) => {
      if (input.field !== "number") return;
      const typed = input.element.value.replace(/\D/g, "").slice(0, 8);
      if (typed !== bin) chosen = undefined;
      bin = typed;
      coordinator.prefer(chosen ?? preferred);
    },
    show: (now) => {
      view = now;
      show();
    },
  };
}
