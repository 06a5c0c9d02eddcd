// One mounted field, seen from the page: its frame, what is said to it and heard from it. No value ever comes here.

import type { Change, FieldName, FrameMessage } from "../bridge.js";
import { CardsealError, INPUT, isInputCode } from "../errors.js";
import { Deferred } from "./deferred.js";
import { Emitter, type FieldEvents } from "./events.js";
import { HostedFrame, type Place } from "./frame.js";

/** A mounted field. */
export interface FieldHandle {
  readonly field: FieldName;
  /** Hears an event of this field; returns the function that ends the subscription. */
  on<Name extends keyof FieldEvents>(name: Name, listener: (event: FieldEvents[Name]) => void): () => void;
  /** Moves the focus into the field. */
  focus(): void;
  /** Takes the focus out of the field. */
  blur(): void;
  /** Empties the field. */
  clear(): void;
  /** Removes the field and what was typed into it. The handle is of no use afterwards; mount again for a new one. */
  unmount(): void;
}

const TITLES: Readonly<Record<FieldName, string>> = {
  number: "Card number",
  expiry: "Expiry date",
  cvc: "Security code",
};

/** The input and a line of error below it, as a multiple of the cardholder's font size. */
const HEIGHT = "5.5em";

export class Field extends HostedFrame {
  readonly name: FieldName;
  /** This field's own listeners; the form has others. */
  readonly events = new Emitter();
  readonly #target: Element;
  readonly #form: Emitter;
  readonly #lost: () => void;
  #attached = false;
  /** It was told that there is a coordinator, and has not answered yet. */
  #asked = false;
  #waiting: { readonly kind: "focus" | "blur" | "clear"; readonly active: Element | null }[] = [];

  /** `lost` is called when the field no longer reaches the coordinator. */
  constructor(name: FieldName, target: Element, form: Emitter, lost: () => void) {
    super();
    this.name = name;
    this.#target = target;
    this.#form = form;
    this.#lost = lost;
  }

  load(place: Place): void {
    this.show(this.#target, this.name, TITLES[this.name], HEIGHT, place);
  }

  /** Tells the frame that there is a coordinator to be found. */
  attach(): void {
    this.#asked = true;
    this.send({ v: 1, kind: "attach" });
  }

  /** The coordinator is gone: the field is not ready until it has found the next. */
  detach(): void {
    if (this.#attached) this.usable = new Deferred();
    this.#attached = false;
  }

  /** Says it now, or as soon as the field is ready. */
  say(kind: "focus" | "blur" | "clear"): void {
    if (!this.#attached) {
      this.#waiting.push({ kind, active: document.activeElement });
      return;
    }
    // The window has to have the focus before an element in it can.
    if (kind === "focus") this.element.focus();
    this.send({ v: 1, kind });
  }

  /** Removes it; what was typed into it is gone, and the page is told. */
  unmount(error: CardsealError): void {
    this.remove(error);
    this.#change({ empty: true, complete: false });
    this.events.clear();
  }

  protected hear(message: FrameMessage): void {
    switch (message.kind) {
      case "ready":
        this.#becomeReady();
        break;
      case "change":
        this.#change(message);
        break;
      case "focus":
      case "blur":
        this.#emit(message.kind, { field: this.name });
        break;
      case "lost":
        // A field that is not attached cannot lose the coordinator; asked for it, it finds none, or two. Unasked, it speaks
        // of one that is being replaced already.
        if (this.#attached) this.#lost();
        else if (this.#asked) this.fail(new CardsealError("coordinator_lost"));
    }
  }

  protected reloaded(): void {
    this.detach();
    this.#change({ empty: true, complete: false });
  }

  #becomeReady(): void {
    if (this.#attached) return;
    this.#attached = true;
    this.#asked = false;
    this.succeed();
    this.#emit("ready", { field: this.name });
    for (const { kind, active } of this.#waiting.splice(0)) {
      // The cardholder may be somewhere else by now.
      if (kind !== "focus" || document.activeElement === active) this.say(kind);
    }
  }

  #change({ empty, complete, error, brand }: Change): void {
    this.#emit("change", {
      field: this.name,
      empty,
      complete,
      ...(isInputCode(error) && { error: { code: error, message: INPUT[error] } }),
      ...(brand && { brand }),
    });
  }

  #emit<Name extends keyof FieldEvents>(name: Name, event: FieldEvents[Name]): void {
    this.events.emit(name, event);
    this.#form.emit(name, event);
  }
}
