// The events that a merchant's page can hear, and the emitter behind them. It never holds on to an event.

import type { Brand } from "../brands.js";
import type { FieldName } from "../bridge.js";
import { CardsealError, type InputCode } from "../errors.js";

/** Something happened to a field. */
export interface FieldEvent {
  readonly field: FieldName;
}

/** What a field holds changed, or what it shows about it. */
export interface ChangeEvent extends FieldEvent {
  readonly empty: boolean;
  /** The field is filled in and correct. */
  readonly complete: boolean;
  /** The error that the field shows at this moment, with the sentence the cardholder reads. */
  readonly error?: { readonly code: InputCode; readonly message: string };
  /** Only of the number, once its brand is certain, and only if the capture context exposes it. */
  readonly brand?: Brand;
}

/** Name and payload of each event. */
export interface FieldEvents {
  /** The field can be typed into. */
  ready: FieldEvent;
  change: ChangeEvent;
  focus: FieldEvent;
  blur: FieldEvent;
}

const NAMES: readonly string[] = ["ready", "change", "focus", "blur"] satisfies (keyof FieldEvents)[];

type Listener = (event: FieldEvents[keyof FieldEvents]) => void;

/** Calls listeners in the order they came; one that throws disturbs neither the others nor the form. */
export class Emitter {
  readonly #listeners = new Set<readonly [name: string, listener: Listener]>();

  /** Returns the function that ends the subscription. */
  on<Name extends keyof FieldEvents>(name: Name, listener: (event: FieldEvents[Name]) => void): () => void {
    if (!NAMES.includes(name) || typeof listener !== "function") {
      throw new CardsealError("options_invalid", {
        message: "on() takes the name of an event and a function.",
      });
    }
    const entry = [name, listener as Listener] as const;
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  emit<Name extends keyof FieldEvents>(name: Name, event: FieldEvents[Name]): void {
    for (const [wanted, listener] of [...this.#listeners]) {
      if (wanted !== name) continue;
      try {
        listener(event);
      } catch (thrown) {
        reportError(thrown);
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
