// The elements of one field: a label, the one input and the line that says what is wrong with it.

import type { FieldName } from "../bridge.js";
import { en } from "./messages/en.js";
import { applyStyle } from "./style.js";

const AUTOCOMPLETE = { number: "cc-number", expiry: "cc-exp", cvc: "cc-csc" } as const;

/** What a field looks like at a moment. */
export interface Look {
  /** The code of the error to show. */
  readonly error?: string;
  readonly complete: boolean;
}

export class Input {
  readonly element = document.createElement("input");
  readonly #box = document.createElement("div");
  readonly #error = document.createElement("p");

  constructor(field: FieldName) {
    const { label: text, placeholder } = en.fields[field];
    applyStyle();
    document.title = text;
    const label = document.createElement("label");
    label.textContent = text;
    label.htmlFor = this.element.id = field;
    const { element } = this;
    // It has no name: a value under a name could reach session history or a saved form.
    element.type = "text";
    element.autocomplete = AUTOCOMPLETE[field];
    element.inputMode = "numeric";
    element.placeholder = placeholder;
    element.spellcheck = false;
    element.setAttribute("autocorrect", "off");
    element.setAttribute("autocapitalize", "off");
    this.#error.id = "error";
    this.#error.setAttribute("aria-live", "polite");
    this.#box.append(element, label);
    document.body.append(this.#box, this.#error);
  }

  /** Touches the input only where it differs, as each touch costs the browser's undo history. */
  hold(text: string, caret: number): void {
    const { element } = this;
    if (element.value !== text) element.value = text;
    // Elsewhere it would move the focus in WebKit.
    if (document.activeElement === element && element.selectionStart !== caret)
      element.setSelectionRange(caret, caret);
  }

  show({ error, complete }: Look): void {
    const text = (error && en.errors[error]) ?? "";
    if (this.#error.textContent !== text) this.#error.textContent = text;
    this.element.setAttribute("aria-invalid", String(text !== ""));
    if (text) this.element.setAttribute("aria-describedby", "error");
    else this.element.removeAttribute("aria-describedby");
    this.#box.className = text ? "wrong" : complete ? "right" : "";
  }
}
