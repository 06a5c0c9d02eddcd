// The elements of one field: a label, the one input and the line that says what is wrong with it.

import type { FieldName, FieldSettings } from "../messages.js";
import { FROM_FRAME, type Texts } from "../texts.js";
import { applyStyle } from "./style.js";

const AUTOCOMPLETE = {
  number: "cc-number",
  expiry: "cc-exp",
  cvc: "cc-csc",
  name: "cc-name",
  postal_code: "postal-code",
} as const;

/** What a field looks like at a moment. */
export interface Look {
  /** The code of the error to show. */
  readonly error?: string | undefined;
  readonly empty: boolean;
  readonly complete: boolean;
}

export class Input {
  readonly element = document.createElement("input");
  readonly #field: FieldName;
  readonly #label = document.createElement("label");
  readonly #box = document.createElement("div");
  readonly #error = document.createElement("p");
  /** Of the language, and those that the page has instead. */
  #texts: Texts = {};
  #own: FieldSettings & { readonly texts?: Texts } = {};
  #shown: Look = { empty: true, complete: false };
  #tell: (texts: Texts) => void = () => {};

  constructor(field: FieldName) {
    this.#field = field;
    applyStyle();
    const label = this.#label;
    label.htmlFor = this.element.id = field;
    const { element } = this;
    const worded = field === "name" || field === "postal_code";
    // It has no name and belongs to no form: browsers offer to save what has or does.
    element.type = "text";
    element.inputMode = worded ? "text" : "numeric";
    // Digits run from left to right in every language.
    element.dir = worded ? "auto" : "ltr";
    element.spellcheck = false;
    element.setAttribute("autocorrect", "off");
    element.setAttribute("autocapitalize", field === "name" ? "words" : worded ? "characters" : "off");
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

  /** Speaks this language from now on. */
  speak(texts: Texts): void {
    this.#texts = texts;
    this.#write();
    this.#tell(this.#tellable());
  }

  /** Tells the texts that hold no digit: now, and whenever the language changes. */
  onTexts(tell: (texts: Texts) => void): void {
    this.#tell = tell;
    tell(this.#tellable());
  }

  /** What the page has the field say instead. */
  replace(texts: Texts): void {
    this.#own = { ...this.#own, texts };
    this.#write();
  }

  #tellable(): Texts {
    return Object.fromEntries(Object.entries(this.#texts).filter(([, text]) => FROM_FRAME.test(text)));
  }

  #write(): void {
    const { label, placeholder } = this.#own;
    const text = label || this.#texts[`${this.#field}_label`];
    // Until its texts are there, a document has the title that the vault gave it.
    if (text) this.#label.textContent = document.title = text;
    this.element.placeholder = placeholder ?? this.#texts[`${this.#field}_placeholder`] ?? "";
    this.show(this.#shown);
  }

  /** What the page asked for: text is text, never markup. A label that is not seen still names the field. */
  set({ label, labelled, placeholder, disabled }: FieldSettings): void {
    const { element } = this;
    if (label) this.#own = { ...this.#own, label };
    if (placeholder !== undefined) this.#own = { ...this.#own, placeholder };
    this.#write();
    if (labelled !== undefined) this.#label.className = labelled ? "unseen" : "";
    if (disabled === undefined) return;
    // A focus that goes with the field would go unheard.
    if (disabled) element.blur();
    element.disabled = disabled;
  }

  show(look: Look): void {
    this.#shown = look;
    const { error, empty, complete } = look;
    const text = (error && (this.#own.texts?.[error] ?? this.#texts[error])) ?? "";
    if (this.#error.textContent !== text) this.#error.textContent = text;
    this.element.setAttribute("aria-invalid", String(text !== ""));
    if (text) this.element.setAttribute("aria-describedby", "error");
    else this.element.removeAttribute("aria-describedby");
    this.#box.className = text ? "wrong" : complete ? "right" : "";
    // What a style calls :empty, :complete and :invalid.
    this.element.className = `${empty ? "empty " : ""}${complete ? "complete " : ""}${text ? "invalid" : ""}`;
  }

  /**
   * An empty field can be autofilled. One that holds something must not be remembered (HTML standard,
   * section 4.10.18.7, "off"): Chromium writes every other text field into a file of the profile while it is typed.
   */
  #keepOffDisk(): void {
    this.element.autocomplete = this.element.value ? "off" : AUTOCOMPLETE[this.#field];
  }
}
