// The elements of one field: a label, the one input or select, and the line that says what is wrong with it.

import type { FieldName, FieldSettings } from "../messages.js";
import type { Texts } from "../texts.js";

/** What browsers know the fields by. */
export const AUTOCOMPLETE = {
  number: "cc-number",
  expiry: "cc-exp",
  month: "cc-exp-month",
  year: "cc-exp-year",
  cvc: "cc-csc",
  name: "cc-name",
  postal_code: "postal-code",
} as const;

/** Years that can be chosen, as many as the engine takes. */
const YEARS = 21;

/** What a field looks like at a moment. */
export interface Look {
  /** The code of the error to show. */
  readonly error?: string | undefined;
  readonly empty: boolean;
  readonly complete: boolean;
  /** It holds what a browser filled in. */
  readonly filled: boolean;
}

export class Input {
  readonly field: FieldName;
  readonly element: HTMLInputElement | HTMLSelectElement;
  /** Label and input. */
  readonly box = document.createElement("div");
  readonly error = document.createElement("p");
  readonly #label = document.createElement("label");
  /** Of the language, and those that the page has instead. */
  #texts: Texts = {};
  #own: Texts = {};
  #shown: Look = { empty: true, complete: false, filled: false };
  #year = 0;

  constructor(field: FieldName, select: boolean) {
    this.field = field;
    const chosen = select && (field === "month" || field === "year");
    const element = chosen ? document.createElement("select") : inputOf(field);
    this.element = element;
    this.#label.htmlFor = element.id = field;
    if (chosen) this.#offer(field === "month" ? 1 : 0, 12);
    this.#keepOffDisk();
    element.addEventListener("input", () => this.#keepOffDisk());
    this.error.id = `${field}_error`;
    this.error.setAttribute("aria-live", "polite");
    this.box.append(element, this.#label);
  }

  /** Where the caret stands, or a selection ends. */
  get caret(): number {
    const { element } = this;
    return "selectionEnd" in element ? (element.selectionEnd ?? element.value.length) : 0;
  }

  /** Touches the input only where it differs, as each touch costs the browser's undo history. */
  hold(text: string, caret: number): void {
    const { element } = this;
    if (element.value !== text) element.value = text;
    this.#keepOffDisk();
    // Elsewhere it would move the focus in WebKit.
    if ("selectionEnd" in element && document.activeElement === element && element.selectionStart !== caret)
      element.setSelectionRange(caret, caret);
  }

  /** What it takes of a text that was filled in elsewhere: of choices the one that ends so, as a year may have two digits. */
  taking(text: string): string {
    const { element } = this;
    if (!("options" in element)) return text;
    return [...element.options].find(({ value }) => value.endsWith(text))?.value ?? "";
  }

  /** The years that can be chosen begin with this one; whether that took back the one that was. */
  begin(year: number): boolean {
    const { element } = this;
    if (this.field !== "year" || year === this.#year) return false;
    const { value } = element;
    this.#year = year;
    this.#offer(year, YEARS);
    return value !== element.value;
  }

  /** Speaks this language from now on, but for what the page has the field say instead. */
  speak(texts: Texts, own: Texts): void {
    this.#texts = texts;
    this.#own = own;
    const { element, field } = this;
    this.#label.textContent = this.text(`${field}_label`) ?? "";
    const [month, year] = texts.expiry_placeholder?.split(" / ") ?? [];
    const placeholder = this.text(`${field}_placeholder`) ?? { month, year }[field as string] ?? "";
    if ("placeholder" in element) element.placeholder = placeholder;
    else if (element.options[0]) element.options[0].text = placeholder;
    this.show(this.#shown);
  }

  /** What the page asked for. A label that is not seen still names the field. */
  set({ labelled, disabled }: FieldSettings): void {
    const { element } = this;
    this.#label.className = labelled ? "unseen" : "";
    // A focus that goes with the field would go unheard.
    if (disabled) element.blur();
    element.disabled = disabled === true;
  }

  show(look: Look): void {
    this.#shown = look;
    const { error, empty, complete, filled } = look;
    const { element } = this;
    const text = (error && this.text(error)) ?? "";
    if (this.error.textContent !== text) this.error.textContent = text;
    element.setAttribute("aria-invalid", String(text !== ""));
    if (text) element.setAttribute("aria-describedby", this.error.id);
    else element.removeAttribute("aria-describedby");
    this.box.className = text ? "wrong" : complete ? "right" : "";
    // What a style calls :autofill, :empty, :complete and :invalid.
    element.className = `${filled ? "autofill " : ""}${empty ? "empty " : ""}${complete ? "complete " : ""}${text ? "invalid" : ""}`;
  }

  /** A text of its language, or what the page has instead. */
  text(name: string): string | undefined {
    return this.#own[name] ?? this.#texts[name];
  }

  /** Choices as a card has them, two digits or four, after none; the one made stays. */
  #offer(first: number, count: number): void {
    const { element } = this;
    if (!("options" in element)) return;
    const { value } = element;
    const none = element.options[0] ?? new Option("", "");
    const texts = Array.from({ length: first && count }, (_, place) => `${first + place}`.padStart(2, "0"));
    element.replaceChildren(none, ...texts.map((text) => new Option(text, text)));
    element.value = texts.includes(value) ? value : "";
  }

  /**
   * An empty field can be autofilled. One that holds something must not be remembered (HTML standard,
   * section 4.10.18.7, "off"): Chromium writes every other text field into a file of the profile while it is typed.
   */
  #keepOffDisk(): void {
    this.element.autocomplete = this.element.value ? "off" : AUTOCOMPLETE[this.field];
  }
}

function inputOf(field: FieldName): HTMLInputElement {
  const element = document.createElement("input");
  const worded = field === "name" || field === "postal_code";
  // It has no name and belongs to no form: browsers offer to save what has or does.
  element.type = "text";
  element.inputMode = worded ? "text" : "numeric";
  // Digits run from left to right in every language.
  element.dir = worded ? "auto" : "ltr";
  element.spellcheck = false;
  element.setAttribute("autocorrect", "off");
  element.setAttribute("autocapitalize", field === "name" ? "words" : worded ? "characters" : "off");
  return element;
}
