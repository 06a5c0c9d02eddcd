// A field frame: hands what is typed to the coordinator beside it, shows what comes back, and tells the page no digit of it.

import { accept, type Link } from "../bridge.js";
import type { Code } from "../errors.js";
import {
  type Change,
  FIELDS,
  type FieldMessage,
  type FieldName,
  type FrameMessage,
  parseFieldMessage,
} from "../messages.js";
import type { Edit, Report } from "./core.js";
import { History, stepOf } from "./history.js";
import { Input } from "./input.js";
import {
  type CoordinatorPeer,
  type FieldPeer,
  findCoordinator,
  isAttached,
  type Place,
  placeOf,
  publish,
} from "./peers.js";
import { applyLook } from "./style.js";

import { readTexts } from "./texts.js";

const UNTOUCHED: Report = { empty: true, complete: false, potentiallyValid: true, excluded: 0 };

class Field {
  readonly #name: FieldName;
  readonly #input: Input;
  readonly #peer: FieldPeer;
  readonly #link: Link<FrameMessage>;
  #coordinator: CoordinatorPeer | undefined;
  #view = UNTOUCHED;
  /** The only BIN that the page gets of this document, whatever becomes of the coordinator. */
  #bin: string | undefined;
  /** The error is due although more could be typed: the field was left, or the card was to be sealed. */
  #due: "no" | "left" | "demanded" = "no";
  /** What the vault refused it for, until the next edit. */
  #refused: Code | undefined;
  #told = "";
  readonly #history = new History();
  /** What the engine made of the last edit. */
  #held = "";
  /** Where the caret stood before the edit that is under way. */
  #caret = 0;
  #advances = false;
  #full = false;

  constructor(place: Place, form: string, name: FieldName, input: Input, link: Link<FrameMessage>) {
    this.#name = name;
    this.#input = input;
    this.#link = link;
    this.#peer = {
      place,
      form,
      name,
      home: window,
      text: () => input.element.value,
      refresh: () => this.#refresh(),
      demand: (code) => {
        this.#due = "demanded";
        this.#refused = code;
        this.#show();
      },
    };
    publish(this.#peer);
    this.#told = JSON.stringify(this.#change());
    this.#listen(input.element);
    input.onTexts((texts) => link.send({ v: 1, kind: "texts", texts }));
    // Whoever of the two frames comes second finds the first: this one now, or when the page says that the other is there.
    this.#attach();
  }

  hear(message: FieldMessage): void {
    const { kind } = message;
    const { element } = this.#input;
    if (kind === "set") {
      this.#advances = message.advance ?? this.#advances;
      this.#input.set(message);
    }
    if (kind === "messages") this.#input.replace(message.messages);
    if (kind === "focus") element.focus();
    if (kind === "blur") element.blur();
    if (kind === "clear") this.#empty();
    if (kind === "attach" && !this.#attach()) this.#link.send({ v: 1, kind: "lost" });
  }

  #attach(): boolean {
    const coordinator = findCoordinator(this.#peer.place, this.#peer.form);
    this.#coordinator = coordinator;
    if (!coordinator) return false;
    return this.#ask(() => {
      coordinator.attach(this.#peer);
      this.#edit("replace");
      this.#link.send({ v: 1, kind: "ready" });
    });
  }

  #listen(element: HTMLInputElement): void {
    element.addEventListener("input", (event) => {
      if (event instanceof InputEvent && event.isComposing) this.#compose();
      else this.#edit(editOf(event));
    });
    element.addEventListener("compositionend", () => {
      // However many steps it took, it is one edit of what was there before it.
      this.#ask((coordinator) => coordinator.edit(this.#name, this.#held, 0, "replace"));
      this.#edit("insert");
    });
    for (const type of ["beforeinput", "compositionstart", "keydown"] as const) {
      element.addEventListener(type, (event) => {
        if (!("isComposing" in event && event.isComposing)) this.#caret = element.selectionEnd ?? 0;
        const back = stepOf(event);
        if (back === undefined) return;
        event.preventDefault();
        this.#step(back);
      });
    }
    element.addEventListener("keydown", ({ key, isComposing }) => {
      if (isComposing) return;
      if (key === "Enter") this.#link.send({ v: 1, kind: "enter" });
      if (key === "Escape") this.#link.send({ v: 1, kind: "escape" });
    });
    element.addEventListener("focus", () => this.#link.send({ v: 1, kind: "focus" }));
    element.addEventListener("blur", () => {
      this.#link.send({ v: 1, kind: "blur" });
      if (this.#due === "no") this.#due = "left";
      this.#show();
    });
    // Nothing may stay behind in the page cache or session history.
    addEventListener("pagehide", () => {
      this.#input.hold("", 0);
      this.#forget();
      this.#ask((coordinator) => coordinator.detach(this.#peer));
    });
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.#attach();
    });
  }

  #edit(edit: Edit, steps = false): void {
    const { element } = this.#input;
    this.#due = "no";
    this.#refused = undefined;
    this.#ask((coordinator) => {
      const { value } = element;
      const edited = coordinator.edit(this.#name, value, element.selectionStart ?? value.length, edit);
      this.#input.hold(edited.text, edited.caret);
      if (edited.text !== this.#held && !steps) this.#history.add({ text: this.#held, caret: this.#caret });
      this.#held = edited.text;
      this.#refresh();
      const full = this.#view.complete && isFull(this.#name, edited.text, coordinator);
      const filled = full && !this.#full && edit === "insert" && edited.caret === edited.text.length;
      this.#full = full;
      // The cardholder may be somewhere else by now.
      if (filled && this.#advances && document.hasFocus()) this.#link.send({ v: 1, kind: "advance" });
    });
  }

  /** During composition the text belongs to the input method: the engine hears of it, and the input is left alone. */
  #compose(): void {
    this.#due = "no";
    this.#refused = undefined;
    this.#ask((coordinator) => {
      const { value } = this.#input.element;
      coordinator.edit(this.#name, value, value.length, "replace");
      this.#refresh();
    });
  }

  #step(back: boolean): void {
    const { element } = this.#input;
    const state = this.#history.step(back, { text: this.#held, caret: element.selectionEnd ?? 0 });
    if (!state) return;
    this.#input.hold(state.text, state.caret);
    this.#edit("replace", true);
  }

  #empty(): void {
    this.#input.hold("", 0);
    this.#edit("replace");
    this.#forget();
  }

  #forget(): void {
    this.#held = "";
    this.#history.clear();
  }

  #refresh(): void {
    this.#ask((coordinator) => {
      this.#view = coordinator.report(this.#name, this.#view.excluded, this.#bin);
      this.#bin ??= this.#view.bin;
      this.#show();
    });
  }

  #show(): void {
    const change = this.#change();
    this.#input.show(change);
    const told = JSON.stringify(change);
    if (told === this.#told) return;
    this.#told = told;
    this.#link.send({ v: 1, kind: "change", ...change });
  }

  /** An error shows at once where it is certain, else when it is due; an empty field has none until the card is sealed. */
  #change(): Change {
    const { excluded: _, error: code, ...view } = this.#view;
    const { empty, potentiallyValid } = view;
    const due = this.#due === "demanded" || (!empty && (!potentiallyValid || this.#due === "left"));
    const error = due ? (this.#refused ?? code) : undefined;
    return { ...view, ...(error && { error }) };
  }

  /** Runs `call` if the coordinator is still there; if not, or if its engine broke, the page is told to rebuild it. */
  #ask(call: (coordinator: CoordinatorPeer) => void): boolean {
    const coordinator = this.#coordinator;
    if (!coordinator) return false;
    try {
      if (isAttached(coordinator)) {
        call(coordinator);
        return true;
      }
    } catch {
      // The engine broke. What was typed stays in the input, for the next coordinator.
    }
    this.#coordinator = undefined;
    this.#link.send({ v: 1, kind: "lost" });
    return false;
  }
}

/** Autofill fires a plain event, or an insertReplacementText, for the whole value. */
function editOf(event: Event): Edit {
  const type = event instanceof InputEvent ? event.inputType : "";
  if (type === "" || type === "insertReplacementText") return "replace";
  // Characters, words, lines, cuts: which way matters only where nothing but a separator went.
  // An input method's own deletions are part of a composition, which is handed over whole.
  if (type.startsWith("delete") && !type.includes("Composition"))
    return type.endsWith("Forward") ? "forward" : "backward";
  return "insert";
}

/**
 * Whether a complete field takes no more digits from all but few cards: brands with numbers of 19 digits, and codes of an
 * unknown card, are waited for. Of a name or a postal code nobody knows when it is whole.
 */
function isFull(name: FieldName, text: string, coordinator: CoordinatorPeer): boolean {
  if (name === "number") return FULL.test(text.replaceAll(" ", ""));
  if (name === "cvc") return text.length === 4 || coordinator.view("number").complete;
  return name === "expiry";
}

const FULL = /^(3\d{13}|[24]\d{15}|5[1-5]\d{14}|6(011|5\d\d)\d{12}|\d{19})/;

const place = placeOf(location.pathname);
const name = FIELDS.find((field) => field === place?.kind);
if (place && name) {
  const input = new Input(name);
  readTexts((texts) => input.speak(texts));
  accept(parseFieldMessage, (link, { form }) => {
    const field = new Field(place, form, name, input, link);
    return (message) => (message.kind === "look" ? applyLook(message) : field.hear(message));
  });
}
