// A field frame: hands what is typed to the coordinator beside it, shows what comes back, and tells the page no digit of it.

import type { Brand } from "../brands.js";
import {
  accept,
  type Change,
  FIELDS,
  type FieldMessage,
  type FieldName,
  type FrameMessage,
  type Link,
  parseFieldMessage,
} from "../bridge.js";
import type { Code } from "../errors.js";
import type { Edit, View } from "./core.js";
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

const UNTOUCHED: View = { empty: true, complete: false, potentiallyValid: true };

class Field {
  readonly #name: FieldName;
  readonly #input: Input;
  readonly #peer: FieldPeer;
  readonly #link: Link<FrameMessage>;
  #coordinator: CoordinatorPeer | undefined;
  #view = UNTOUCHED;
  #brand: Brand | undefined;
  /** The error is due although more could be typed: the field was left, or the card was to be sealed. */
  #due: "no" | "left" | "demanded" = "no";
  /** What the vault refused it for, until the next edit. */
  #refused: Code | undefined;
  #told = "";

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
    // Whoever of the two frames comes second finds the first: this one now, or when the page says that the other is there.
    this.#attach();
  }

  hear(kind: FieldMessage["kind"]): void {
    const { element } = this.#input;
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
      // During composition the text belongs to the input method.
      if (!(event instanceof InputEvent && event.isComposing)) this.#edit(editOf(event));
    });
    element.addEventListener("compositionend", () => this.#edit("insert"));
    element.addEventListener("focus", () => this.#link.send({ v: 1, kind: "focus" }));
    element.addEventListener("blur", () => {
      this.#link.send({ v: 1, kind: "blur" });
      if (this.#due === "no") this.#due = "left";
      this.#show();
    });
    // Nothing may stay behind in the page cache or session history.
    addEventListener("pagehide", () => {
      this.#input.hold("", 0);
      this.#ask((coordinator) => coordinator.detach(this.#peer));
    });
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.#attach();
    });
  }

  #edit(edit: Edit): void {
    const { element } = this.#input;
    this.#due = "no";
    this.#refused = undefined;
    this.#ask((coordinator) => {
      const { value } = element;
      const edited = coordinator.edit(this.#name, value, element.selectionStart ?? value.length, edit);
      this.#input.hold(edited.text, edited.caret);
      this.#refresh();
    });
  }

  #empty(): void {
    this.#input.hold("", 0);
    this.#edit("replace");
  }

  #refresh(): void {
    this.#ask((coordinator) => {
      this.#view = coordinator.view(this.#name);
      this.#brand = coordinator.exposedBrand(this.#name);
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
    const { empty, complete, potentiallyValid, error: code } = this.#view;
    const due = this.#due === "demanded" || (!empty && (!potentiallyValid || this.#due === "left"));
    const error = due ? (this.#refused ?? code) : undefined;
    const brand = this.#brand;
    return { empty, complete, ...(error && { error }), ...(brand && { brand }) };
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

const place = placeOf(location.pathname);
const name = FIELDS.find((field) => field === place?.kind);
if (place && name) {
  const input = new Input(name);
  accept(parseFieldMessage, (link, { form }) => {
    const field = new Field(place, form, name, input, link);
    return ({ kind }) => field.hear(kind);
  });
}
