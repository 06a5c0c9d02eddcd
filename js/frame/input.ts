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
  readonly #field: FieldName;
  readonly #box = document.createElement("div");
  readonly #error = document.createElement("p");

  constructor(field: FieldName) {
    this.#field = field;
    const { label: text, placeholder } = en.fields[field];
    applyStyle();
    document.title = text;
    const label = document.createElement("label");
    label.textContent = text;
    label.htmlFor = this.element.id = field;
    const { element } = this;
    // It has no name and belongs to no form: browsers offer to save what has or does.
    element.type = "text";
    element.inputMode = "numeric";
    element.placeholder = placeholder;
    element.spellcheck = false;
    element.setAttribute("autocorrect", "off");
    element.setAttribute("autocapitalize", "off");
    this.#keepOffDisk();
    element.addEventListener("input", () => this.#keepOffDisk());
    this.#error.id = "error";
    this.#error.setAttribute("aria-live", "polite");
    this.#box.append(element, label);
    document.body.append(this.#box, this.#error);
  }

  /** Touches the input only where it differs, as each touch costs the browser's undo history. */
  hold(text: string, caret: number): void {
    const { element } = this;
    if (element.value !== text) element.value = text;
    this.#keepOffDisk();
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

  /**
   * An empty field can be autofilled. One that holds something must not be remembered (HTML standard,
   * section 4.10.18.7, "off"): Chromium writes every other text field into a file of the profile while it is typed.
   */
  #keepOffDisk(): void {
    this.element.autocomplete = this.element.value ? "off" : AUTOCOMPLETE[this.#field];
  }
}
