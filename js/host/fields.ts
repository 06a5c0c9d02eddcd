// createFields(): what a merchant's page makes a form of hosted fields with. It must never hold a digit, nor do anything at import.

import { refuse } from "../errors.js";
import type { Token } from "../messages.js";
import { DEVELOPMENT } from "../sentences.js";
import type { FieldEvents } from "./events.js";
import { openForm } from "./form.js";
import type { FieldHandle } from "./handle.js";
import type { MountName, MountOptions } from "./mount.js";
import { type Options, parseOptions, type TokenizeOptions } from "./options.js";

/** A form of hosted fields. */
export interface Fields {
  /**
   * Settles once a capture context was accepted and every field mounted so far can be used. Rejects with the
   * CardsealError that says why not: `frame_timeout`, `context_unavailable`, `origin_not_allowed` and the like.
   */
  readonly ready: Promise<void>;
  /**
   * Puts a field into the page, into an element or the first match of a selector: `"number"`, `"expiry"` or `"month"` and
   * `"year"`, `"cvc"`, `"name"`, `"postal_code"`; or a `"card"`, which is several of them in one frame. A field that the
   * context does not ask for may stay empty; what is typed into it is sealed. Throws `field_unknown`,
   * `field_already_mounted` (also for a field that a mounted card has, and for the expiry beside its month or year),
   * `element_not_found`, `options_invalid` or `destroyed`.
   */
  mount<Name extends MountName>(
    field: Name,
    target: string | Element,
    options?: MountOptions[Name],
  ): FieldHandle<Name>;
  /** Hears an event of any field; returns the function that ends the subscription. */
  on<Name extends keyof FieldEvents>(name: Name, listener: (event: FieldEvents[Name]) => void): () => void;
  /**
   * Makes a token of what was typed. Rejects with a CardsealError; if its `blame` is `"input"`, the field it names
   * shows the error already. What was typed stays in the fields, so that it can be corrected and tokenized again.
   */
  tokenize(options?: TokenizeOptions): Promise<Token>;
  /**
   * Sets options anew, in the fields that are there and in those to come: those left out stay as they are, and one that is
   * `null` is as if it had been left out of createFields(). What was typed stays; `locale: "auto"` reads the page's
   * language again. Throws `options_invalid`.
   */
  update(options: Pick<Options, "theme" | "style" | "locale" | "messages">): void;
  /** Removes every frame, listener, timer and port of the form. */
  destroy(): void;
}

/**
 * Creates a form of hosted fields. Returns at once: frames load and the first context is asked for meanwhile.
 * Throws `options_invalid`.
 */
export function createFields(options: Options): Fields {
  if (!globalThis.document?.body) refuse(DEVELOPMENT && "createFields() needs a browser's <body>.");
  return openForm(parseOptions(options));
}
