// What mount() gives the merchant's page: the hands on one field or card. Types only.

import type { FieldName } from "../messages.js";
import type { FieldEvents } from "./events.js";
import type { MountName, MountOptions } from "./mount.js";

/** A mounted field, or card. */
export interface FieldHandle<Name extends MountName = FieldName> {
  readonly field: Name;
  /** The field itself, or those that the card has an input for. */
  readonly fields: readonly FieldName[];
  /** Hears an event of this field, or of the inputs of this card; returns the function that ends the subscription. */
  on<Name extends keyof FieldEvents>(name: Name, listener: (event: FieldEvents[Name]) => void): () => void;
  /** Moves the focus into the field; of a card, into the first input that shows an error, else the first that is not complete. */
  focus(): void;
  /** Takes the focus out of the field. */
  blur(): void;
  /**
   * Shows at once what the field lacks, as a failed tokenize() does: also of an empty one, but for the name and the postal
   * code.
   */
  demand(): void;
  /** Empties the field, or every input of the card. */
  clear(): void;
  /**
   * Sets options anew, all but `inputs` and `control`: those left out stay as they are, and one that is `null` is as if it
   * had been left out of mount(). Throws `options_invalid` or `element_not_found`.
   */
  update(options: Omit<MountOptions[Name], "inputs" | "control">): void;
  /** Removes the field and what was typed into it. The handle is of no use afterwards; mount again for a new one. */
  unmount(): void;
}
