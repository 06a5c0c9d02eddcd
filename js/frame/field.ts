// A field: hands what is typed to the coordinator beside its frame, shows what comes back, and tells the page no digit of it.

import type { Link } from "../bridge.js";
import type { Code } from "../errors.js";
import type { Change, FieldName, FieldSettings, FrameMessage } from "../messages.js";
import { mirror } from "./autofill.js";
import { Choice } from "./choice.js";
import type { Edit, Report } from "./core.js";
import { History, stepOf } from "./history.js";
import type { Input } from "./input.js";
import {
  type CoordinatorPeer,
  type FieldPeer,
  findCoordinator,
  isAttached,
  type Place,
  publish,
} from "./peers.js";

const UNTOUCHED: Report = { empty: true, complete: false, potentiallyValid: true, excluded: 0 };

export class Field {
  readonly #name: FieldName;
  readonly #input: Input;
  readonly #peer: FieldPeer;
  readonly #link: Link<FrameMessage>;
  readonly #next: () => void;
  readonly #choice: Choice;
  #coordinator: CoordinatorPeer | undefined;
  #view = UNTOUCHED;
  /** The only leading digits that the page gets to know of this document, whatever becomes of the coordinator. */
  #known: string | undefined;
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
  /** It holds what a browser filled in, and nobody has edited since. */
  #filled = false;
  #focused = false;

  /** `next` is called when the one after it is to have the focus. */
  constructor(place: Place, form: string, input: Input, link: Link<FrameMessage>, next: () => void) {
    const name = input.field;
    this.#name = name;
    this.#input = input;
    this.#link = link;
    this.#next = next;
    this.#choice = new Choice(input, () => this.#tell());
    this.#peer = {
      place,
      form,
      name,
      home: window,
      text: () => input.element.value,
      clear: () => this.clear(),
      refresh: () => this.#refresh(),
      fill: (given) => {
        const { disabled, value } = input.element;
        const text = input.taking(given);
        if (text && !disabled && (!value || this.#filled)) this.#fill(text);
      },
      mirror: (fields) =>
        mirror(fields, (field, text) => this.#ask((coordinator) => coordinator.fill(field, text))),
      demand: (code) => {
        this.#due = "demanded";
        this.#refused = code;
        this.#show();
      },
    };
    publish(this.#peer);
    this.#told = JSON.stringify(this.#change());
    this.#listen(input.element);
  }

  get complete(): boolean {
    return this.#view.complete;
  }

  set(settings: FieldSettings): void {
    this.#advances = settings.advance === true;
    this.#input.set(settings);
    this.#choice.set(settings);
    this.#tell();
  }

  focus(): void {
    this.#input.element.focus();
  }

  blur(): void {
    this.#input.element.blur();
  }

  clear(): void {
    this.#input.hold("", 0);
    this.#edit("replace");
    this.#forget();
  }

  /** Hands over what it holds to the form's coordinator; whether there is one. */
  attach(): boolean {
    const coordinator = findCoordinator(this.#peer.place, this.#peer.form);
    this.#coordinator = coordinator;
    if (!coordinator) return false;
    return this.#ask(() => {
      coordinator.attach(this.#peer);
      this.#edit("replace");
    });
  }

  #listen(element: Input["element"]): void {
    element.addEventListener("input", (event) => {
      const edit = editOf(event);
      if (isFill(edit, element)) return this.#fill(element.value);
      this.#filled = false;
      if (event instanceof InputEvent && event.isComposing) this.#compose();
      else this.#edit(edit);
    });
    element.addEventListener("compositionend", () => {
      // However many steps it took, it is one edit of what was there before it.
      this.#ask((coordinator) => coordinator.edit(this.#name, this.#held, 0, "replace"));
      this.#edit("insert");
    });
    for (const type of ["beforeinput", "compositionstart", "keydown"] as const) {
      element.addEventListener(type, (event: Event) => {
        if (!("isComposing" in event && event.isComposing)) this.#caret = this.#input.caret;
        const back = stepOf(event);
        if (back === undefined) return;
        event.preventDefault();
        this.#step(back);
      });
    }
    const tell = (kind: "focus" | "blur" | "enter" | "escape"): void =>
      this.#link.send({ v: 1, kind, field: this.#name });
    element.addEventListener("keydown", (event: Event) => {
      if (!(event instanceof KeyboardEvent) || event.isComposing) return;
      if (event.key === "Enter") tell("enter");
      if (event.key === "Escape") tell("escape");
    });
    for (const type of ["focus", "blur"] as const) {
      element.addEventListener(type, () => {
        // While it fills, Chromium says both of every field, although the focus stays where it is.
        const focused = document.activeElement === element && (type === "focus" || document.hasFocus());
        if (focused === this.#focused) return;
        this.#focused = focused;
        tell(focused ? "focus" : "blur");
        if (focused) return;
        if (this.#due === "no") this.#due = "left";
        this.#show();
      });
    }
    // Nothing may stay behind in session history. What a page that may come back holds, the coordinator decides.
    addEventListener("pagehide", ({ persisted }) => {
      if (persisted) return;
      this.#input.hold("", 0);
      this.#forget();
      this.#ask((coordinator) => coordinator.detach(this.#peer));
    });
  }

  #fill(text: string): void {
    const before = this.#filled ? this.#held : "";
    this.#filled = true;
    this.#edit("replace", false, text);
    // Chromium fills in the same once more where a text was regrouped.
    if (this.#held !== before) this.#ask((coordinator) => coordinator.filled(this.#name));
  }

  #edit(edit: Edit, steps = false, text = this.#input.element.value): void {
    this.#due = "no";
    this.#refused = undefined;
    this.#ask((coordinator) => {
      const edited = coordinator.edit(this.#name, text, this.#input.caret, edit);
      this.#input.hold(edited.text, edited.caret);
      if (edited.text !== this.#held && !steps) this.#history.add({ text: this.#held, caret: this.#caret });
      this.#held = edited.text;
      this.#refresh();
      const full = this.#view.complete && isFull(this.#name, edited.text, coordinator);
      const filled = full && !this.#full && edit === "insert" && edited.caret === edited.text.length;
      this.#full = full;
      // The cardholder may be somewhere else by now.
      if (filled && this.#advances && document.hasFocus()) this.#next();
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
    const state = this.#history.step(back, { text: this.#held, caret: this.#input.caret });
    if (!state) return;
    this.#filled = false;
    this.#input.hold(state.text, state.caret);
    this.#edit("replace", true);
  }

  #forget(): void {
    this.#held = "";
    this.#history.clear();
  }

  #tell(): void {
    this.#ask((coordinator) => this.#choice.tell(coordinator));
  }

  #refresh(): void {
    this.#ask((coordinator) => {
      if (this.#input.begin(coordinator.year())) return this.#edit("replace");
      this.#choice.tell(coordinator);
      this.#view = coordinator.report(this.#name, this.#view.excluded, this.#known);
      this.#known ??= this.#view.told;
      this.#choice.show(coordinator.view(this.#name));
      this.#show();
    });
  }

  #show(): void {
    const change = this.#change();
    this.#input.show({ ...change, filled: this.#filled && !change.empty });
    const told = JSON.stringify(change);
    if (told === this.#told) return;
    this.#told = told;
    this.#link.send({ v: 1, kind: "change", field: this.#name, ...change });
  }

  /** An error shows at once where it is certain, else when it is due; an empty field has none until the card is sealed. */
  #change(): Change {
    const { excluded: _, told: __, error: code, ...view } = this.#view;
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

/** Whether nobody typed it. What is chosen from a list comes by the same kind of event as what is filled in. */
function isFill(edit: Edit, element: Input["element"]): boolean {
  return (
    edit === "replace" && element.value !== "" && ("selectionEnd" in element || element.matches(":autofill"))
  );
}

/**
 * Whether a complete field takes no more digits from all but few cards: brands with numbers of 19 digits, and codes of an
 * unknown card, are waited for. Of a name or a postal code nobody knows when it is whole.
 */
function isFull(name: FieldName, text: string, coordinator: CoordinatorPeer): boolean {
  if (name === "number") return FULL.test(text.replaceAll(" ", ""));
  if (name === "cvc") return text.length === 4 || coordinator.view("number").complete;
  if (name === "month") return text.length === 2;
  return name === "expiry" || name === "year";
}

const FULL = /^(3\d{13}|[24]\d{15}|5[1-5]\d{14}|6(011|5\d\d)\d{12}|\d{19})/;
