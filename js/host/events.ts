// The events that a merchant's page can hear, and the emitter behind them. It never holds on to an event.

import type { Brand } from "../brands.js";
import { type CardsealError, type Code, type InputCode, refuse } from "../errors.js";
import { one } from "../members.js";
import type { FieldName } from "../messages.js";
import { DEVELOPMENT } from "../sentences.js";
import type { MountName } from "./mount.js";

/** Something happened to a field, which may be an input of a card. */
export interface FieldEvent {
  readonly field: FieldName;
}

/** What a field holds changed, or what it shows about it. */
export interface ChangeEvent extends FieldEvent {
  readonly empty: boolean;
  /** The field is filled in and correct. */
  readonly complete: boolean;
  /** Further typing can make it right. */
  readonly potentiallyValid: boolean;
  /** The error that the field shows at this moment, with the sentence the cardholder reads. */
  readonly error?: { readonly code: InputCode; readonly message: string };
  /** Only of the number, once its brand is certain, and only if the capture context exposes it. */
  readonly brand?: Brand;
  /** Only of a number that is not empty: the accepted brands that it may still become. Exposed as `brand` is. */
  readonly brands?: readonly Brand[];
  /**
   * Only if the capture context exposes `bin`: 1 to 6 leading digits of a complete number, fewer where its brand has
   * short numbers. A mounted field gives one BIN in its life: of another number it tells neither BIN nor brand. Mount it
   * anew for that.
   */
  readonly bin?: string;
  /** Only of an input of a card: whether all of them are empty, or complete. */
  readonly card?: { readonly empty: boolean; readonly complete: boolean };
}

/** Milliseconds from createFields() until something was ready. */
export interface Timings {
  readonly coordinator: number;
  /** Absent while no capture context has been accepted. */
  readonly context?: number;
  readonly field: number;
}

/** The field, or card, can be typed into. */
export interface ReadyEvent {
  readonly field: MountName;
  readonly timings: Timings;
}

/** The certain brand of the number changed. */
export interface BrandEvent extends FieldEvent {
  /** Absent if there is none any more. */
  readonly brand?: Brand;
}

/** What a co-badged card can be paid over, or what is chosen of it, changed. */
export interface NetworksEvent extends FieldEvent {
  /**
   * The accepted networks that the cardholder can choose from, two or more; of a complete number only, and if the capture
   * context exposes brands. Empty if there is no choice any more.
   */
  readonly networks: readonly Brand[];
  /** The one that is chosen: the payer's choice, else your `preferredNetwork`, else the issuer's preference. */
  readonly network?: Brand;
}

/** The browser, or a password manager, filled fields in one gesture of the cardholder. Which ones, never with what. */
export interface AutofillEvent {
  /** In the order of a checkout, at least one. */
  readonly fields: readonly FieldName[];
}

/**
 * Something came to lie over the field's frame, or is gone from there, as the browser sees it from within the frame; only
 * in Chromium's browsers, within half a second. A frame that is see-through, filtered, turned, distorted or made smaller,
 * itself or by an element around it, counts as covered, and so does one with `visibility: hidden`; one that is scrolled out or
 * not displayed does not.
 */
export interface CoveredEvent {
  /** The field, or card, whose frame it is. */
  readonly field: MountName;
  readonly covered: boolean;
}

/**
 * Why something did not load.
 *
 * `blocked`: something else than the vault's frame came: a Content-Security-Policy or an extension stopped the frame, its
 * script or a request of it, or the vault refused the connection; a page cannot tell these apart. `offline`: the same, or
 * `timeout`, while the browser says that it is offline. `timeout`: nothing came in time. `context_expired`: the context
 * had expired before its frame had it; tokenize() asks for a fresh one. `context_rejected`: the context function failed, or the
 * frame does not accept what it gave; `error.code` says more. `wasm_unavailable`: the engine started neither as WebAssembly
 * nor as JavaScript.
 */
export type LoadErrorCause =
  | "blocked"
  | "offline"
  | "timeout"
  | "context_expired"
  | "context_rejected"
  | "origin_not_allowed"
  | "wasm_unavailable";

/**
 * A frame or a capture context could not be used. A frame is loaded again, and a context function that failed is called again,
 * three times by itself and when the browser is online again. A field that waits for the form's hidden frame stays as it is.
 */
export interface LoadErrorEvent {
  /** The field, or card, whose frame it is; absent for the form's hidden frame and for the context. */
  readonly field?: MountName;
  readonly cause: LoadErrorCause;
  readonly error: CardsealError;
}

/** Name and payload of each event. */
export interface FieldEvents {
  ready: ReadyEvent;
  loaderror: LoadErrorEvent;
  change: ChangeEvent;
  focus: FieldEvent;
  blur: FieldEvent;
  brand: BrandEvent;
  networks: NetworksEvent;
  /** Once for each gesture. A field's handle hears it if that field is among those that were filled. */
  autofill: AutofillEvent;
  /** Your own dialog or menu can be the reason. If it is not, something of another's stands where the card is typed. */
  covered: CoveredEvent;
  /** The key was pressed in the field; for a page that calls tokenize() then, as a form does. */
  enter: FieldEvent;
  escape: FieldEvent;
}

/** @internal Every event of a field. */
export const EVENTS: readonly (keyof FieldEvents)[] = [
  "ready",
  "loaderror",
  "change",
  "focus",
  "blur",
  "brand",
  "networks",
  "autofill",
  "covered",
  "enter",
  "escape",
];

/** The cause that stands behind a code; none for what is no failure to load. */
export function causeOf(code: Code, arrived: boolean): LoadErrorCause | undefined {
  if (code === "frame_timeout" || code === "network_failed") {
    if (!navigator.onLine) return "offline";
    return arrived ? "blocked" : "timeout";
  }
  const told = one(["timeout", "context_expired", "origin_not_allowed", "wasm_unavailable"], code);
  return told ?? (code.startsWith("context_") ? "context_rejected" : undefined);
}

type Listener = (event: FieldEvents[keyof FieldEvents]) => void;

/** Calls listeners in the order they came; one that throws disturbs neither the others nor the form. */
export class Emitter {
  readonly #listeners = new Set<readonly [name: string, listener: Listener]>();

  /** Returns the function that ends the subscription. */
  on<Name extends keyof FieldEvents>(name: Name, listener: (event: FieldEvents[Name]) => void): () => void {
    if (!EVENTS.includes(name) || typeof listener !== "function") {
      refuse(DEVELOPMENT && "on() takes the name of an event and a function.");
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
