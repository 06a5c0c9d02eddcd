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
export interface Shown {
  /** The code of the error to show. */
  readonly error?: string | undefined;
  readonly empty: boolean;
  readonly complete: boolean;
  /** It holds what a browser filled in. */
  readonly filled: boolean;
}

export interface Input {
  readonly field: FieldName;
  readonly element: HTMLInputElement | HTMLSelectElement;
  /** Label and input. */
  readonly box: HTMLElement;
  readonly error: HTMLElement;
  /** Where the caret stands, or a selection ends. */
  caret(): number;
  /** Touches the input only where it differs, as each touch costs the browser's undo history. */
  hold(text: string, caret: number): void;
  /** What it takes of a text that was filled in elsewhere: of choices the one that ends so, as a year may have two digits. */
  taking(text: string): string;
  /** The years that can be chosen begin with this one; whether that took back the one that was. */
  begin(year: number): boolean;
  /** Speaks this language from now on, but for what the page has the field say instead. */
  speak(texts: Texts, own: Texts): void;
  /** What the page asked for. A label that is not seen still names the field. */
  set(settings: FieldSettings): void;
  show(next: Shown): void;
  /** A text of its language, or what the page has instead. */
  text(name: string): string | undefined;
}

/** Makes the elements of a field, with a list to choose from if it is to be one and can be. */
export function makeInput(field: FieldName, select: boolean): Input {
  const chosen = select && (field === "month" || field === "year");
  const element = chosen ? document.createElement("select") : inputOf(field);
  const box = document.createElement("div");
  const error = document.createElement("p");
  const label = document.createElement("label");
  /** Of the language, and those that the page has instead. */
  let texts: Texts = {};
  let own: Texts = {};
  let shown: Shown = { empty: true, complete: false, filled: false };
  let first = 0;

  function text(name: string): string | undefined {
    return own[name] ?? texts[name];
  }

  function show(next: Shown): void {
    shown = next;
    const { empty, complete, filled } = next;
    const wrong = (next.error && text(next.error)) ?? "";
    if (error.textContent !== wrong) error.textContent = wrong;
    element.setAttribute("aria-invalid", String(wrong !== ""));
    if (wrong) element.setAttribute("aria-describedby", error.id);
    else element.removeAttribute("aria-describedby");
    box.className = wrong ? "wrong" : complete ? "right" : "";
    // What a style calls :autofill, :empty, :complete and :invalid.
    element.className = `${filled ? "autofill " : ""}${empty ? "empty " : ""}${complete ? "complete " : ""}${wrong ? "invalid" : ""}`;
  }

  /** Choices as a card has them, two digits or four, after none; the one made stays. */
  function offer(from: number, count: number): void {
    if (!("options" in element)) return;
    const { value } = element;
    const none = element.options[0] ?? new Option("", "");
    const choices = Array.from({ length: from && count }, (_, place) => `${from + place}`.padStart(2, "0"));
    element.replaceChildren(none, ...choices.map((choice) => new Option(choice, choice)));
    element.value = choices.includes(value) ? value : "";
  }

  /**
   * An empty field can be autofilled. One that holds something must not be remembered (HTML standard,
   * section 4.10.18.7, "off"): Chromium writes every other text field into a file of the profile while it is typed.
   */
  function keepOffDisk(): void {
    element.autocomplete = element.value ? "off" : AUTOCOMPLETE[field];
  }

  label.htmlFor = element.id = field;
  if (chosen) offer(field === "month" ? 1 : 0, 12);
  keepOffDisk();
  element.addEventListener("input", keepOffDisk);
  error.id = `${field}_error`;
  error.setAttribute("aria-live", "polite");
  box.append(element, label);

  return {
    field,
    element,
    box,
    error,
    text,
    show,
    caret: () => ("selectionEnd" in element ? (element.selectionEnd ?? element.value.length) : 0),
    hold: (held, caret) => {
      if (element.value !== held) element.value = held;
      keepOffDisk();
      // Elsewhere it would move the focus in WebKit.
      if ("selectionEnd" in element && document.activeElement === element && element.selectionStart !== caret)
        element.setSelectionRange(caret, caret);
    },
    taking: (given) => {
      if (!("options" in element)) return given;
      return [...element.options].find(({ value }) => value.endsWith(given))?.value ?? "";
    },
    begin: (year) => {
      if (field !== "year" || year === first) return false;
      const { value } = element;
      first = year;
      offer(year, YEARS);
      return value !== element.value;
    },
    speak: (language, instead) => {
      texts = language;
      own = instead;
      label.textContent = text(`${field}_label`) ?? "";
      const [month, year] = texts.expiry_placeholder?.split(" / ") ?? [];
      const placeholder = text(`${field}_placeholder`) ?? { month, year }[field as string] ?? "";
      if ("placeholder" in element) element.placeholder = placeholder;
      else if (element.options[0]) element.options[0].text = placeholder;
      show(shown);
    },
    set: ({ labelled, disabled }) => {
      label.className = labelled ? "unseen" : "";
      // A focus that goes with the field would go unheard.
      if (disabled) element.blur();
      element.disabled = disabled === true;
    },
  };
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
