// What mount() takes for a field or a card, and its parser. A message says which option is wrong and what it should be, never its value.

import type { Brand } from "../brands.js";
import type { Declaration } from "../bridge-style.js";
import { membersOf, one } from "../members.js";
import { FIELDS, type FieldName, type FieldSettings, type Layout, parseFieldSettings } from "../messages.js";
import { DEVELOPMENT } from "../sentences.js";
import { FROM_PAGE, parseTexts, type Texts } from "../texts.js";
import { invalid, parseTarget } from "./options.js";
import { parseStyle, type Style } from "./style.js";

/** What mount() and update() take for a field. `null` is the same as left out; update() sets the option back by it. */
export interface FieldOptions {
  /**
   * The label in the frame, at most 100 characters; in the cardholder's language if left out. With `""` none is seen, for
   * a page that has its own: a `<label>` around the field, or one `for` the id of the element that it is mounted into.
   */
  readonly label?: string | null | undefined;
  /**
   * The element, or its selector, that names the field in the page. No label is seen in the frame then; assistive
   * technology gets this one's text, or `label`. A click on it moves the focus into the field.
   */
  readonly labelledBy?: string | Element | null | undefined;
  /** What an empty field shows, at most 100 characters. */
  readonly placeholder?: string | null | undefined;
  /** The field cannot be typed into or focused. What it holds still counts. */
  readonly disabled?: boolean | null | undefined;
  /**
   * Moves the focus to the next mounted field of the page when typing has completed this one; not of name and postal
   * code. False if left out: a focus that moves by itself is in the way of whoever uses a screen reader.
   */
  readonly advance?: boolean | null | undefined;
  /** The field's own style, over that of the form. */
  readonly style?: Style | null | undefined;
}

/** What mount() and update() take for the security code. */
export interface CodeOptions extends FieldOptions {
  /** Shows where a card bears its code, if the frame is wide enough. True if left out. */
  readonly icons?: boolean | null | undefined;
}

/** What mount() and update() take for the number. */
export interface NumberOptions extends FieldOptions {
  /**
   * Shows the icon of the card's network. True if left out. Where the cardholder can choose from several networks, the icon
   * of the chosen one is there in any case.
   */
  readonly icons?: boolean | null | undefined;
  /**
   * The network that is chosen at first where the cardholder can choose from several; if left out, or not among them, the
   * issuer's preference. The choice is the payer's all the same (Regulation (EU) 2015/751, article 8(6)).
   */
  readonly preferredNetwork?: Brand | null | undefined;
}

/** What mount() takes for `month` and `year`. */
export interface MonthOptions extends FieldOptions {
  /** An input to type into, as if left out, or a list to choose from. update() does not take it. */
  readonly control?: "input" | "select" | null | undefined;
}

/** What mount() and update() take for a `card`, one frame with several inputs. */
export interface CardOptions
  extends Pick<NumberOptions, "labelledBy" | "disabled" | "style" | "icons" | "preferredNetwork"> {
  /**
   * The inputs, in their order: number, expiry and cvc if left out. Each field once, and either the expiry or its month and
   * year. update() does not take it.
   */
  readonly inputs?: readonly FieldName[] | null | undefined;
  /** In rows as far as there is room (`"auto"`, as if left out), in one row, or one below the other. */
  readonly layout?: Layout | null | undefined;
  /** Month and year as inputs, as if left out, or as lists to choose from. update() does not take it. */
  readonly control?: "input" | "select" | null | undefined;
  /** What names the card for assistive technology, at most 100 characters; in the cardholder's language if left out. */
  readonly label?: string | null | undefined;
  /** The labels of inputs, at most 100 characters each; those left out are in the cardholder's language. */
  readonly labels?: { readonly [Field in FieldName]?: string } | null | undefined;
  /** What empty inputs show, at most 100 characters each. */
  readonly placeholders?: { readonly [Field in FieldName]?: string } | null | undefined;
  /** Moves the focus to the next input, and from the last to the page's next field, when typing has completed one. */
  readonly advance?: boolean | null | undefined;
}

/** What mount() takes, by what is mounted. */
export interface MountOptions {
  number: NumberOptions;
  expiry: FieldOptions;
  month: MonthOptions;
  year: MonthOptions;
  cvc: CodeOptions;
  name: FieldOptions;
  postal_code: FieldOptions;
  card: CardOptions;
}

/** What can be mounted: a field, or a card of several. */
export type MountName = keyof MountOptions;

/** What mount() or update() takes, parsed. */
export interface ParsedFieldOptions {
  readonly fields: readonly FieldName[];
  /** What the frame's address says of them. */
  readonly address: readonly string[];
  readonly labelledBy: Element | undefined;
  readonly settings: FieldSettings;
  readonly style: readonly Declaration[];
  /** Labels and placeholders. */
  readonly texts: Texts;
}

/** What `of` has been given, by mount() and by each update(). */
export function parseFieldOptions(of: MountName, options: unknown): ParsedFieldOptions {
  const given = new Map<string, unknown>(Object.entries(options ?? {}));
  const take = (name: string): unknown => {
    const value = given.get(name);
    given.delete(name);
    return value;
  };
  const card = of === "card";
  const by = take("labelledBy");
  const labelledBy = by === undefined ? undefined : parseTarget(by);
  const name = labelledBy?.textContent
    ?.replace(/[\s\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, " ")
    .trim()
    .slice(0, 100);
  const style = parseStyle(take("style"));
  const label = take("label");
  const named: [name: string, text: unknown][] = [[`${of}_label`, label || name]];
  if (!card) named.push([`${of}_placeholder`, take("placeholder")]);
  else
    for (const kind of ["label", "placeholder"])
      for (const [field, text] of membersOf(take(`${kind}s`))) named.push([`${field}_${kind}`, text]);
  const texts = parseTexts(Object.fromEntries(named.filter(([, text]) => text !== undefined)), FROM_PAGE);
  const control = one(CONTROLS, (/month|year|card/.test(of) ? take("control") : undefined) ?? "input");
  const inputs = card ? (take("inputs") ?? USUAL) : [of];
  const fields = Array.isArray(inputs) ? inputs.flatMap((input) => one(FIELDS, input) ?? []) : [];
  const settings = parseFieldSettings((member) => {
    if (member !== "labelled") return (OF[member] ?? /./).test(of) ? take(member) : undefined;
    if (card || !(labelledBy || label !== undefined)) return undefined;
    return labelledBy !== undefined || label === "";
  });
  if (
    texts &&
    Object.values(texts).every((text) => text.length <= 100) &&
    control &&
    fields.length > 0 &&
    fields.length === (inputs as unknown[]).length &&
    settings &&
    given.size === 0 &&
    typeof (options ?? {}) === "object"
  ) {
    const address = [...(control === "select" ? [control] : []), ...(card ? fields : [])];
    return { fields, address, labelledBy, settings, style, texts };
  }
  throw invalid(
    DEVELOPMENT &&
      (card
        ? "A card takes { inputs: names of fields; layout: auto, row or stacked; control: input or select; label; labels, placeholders: texts by field; disabled, advance, icons; preferredNetwork; style; labelledBy }."
        : "A field takes { label, placeholder: at most 100 characters; disabled, advance: true or false; style; labelledBy: an element or a selector }, number and cvc { icons: true or false } too, number { preferredNetwork: a brand }, and month and year { control: input or select }."),
  );
}

/** Settings that not all have. */
const OF: Readonly<Record<string, RegExp>> = {
  layout: /card/,
  icons: /number|cvc|card/,
  preferredNetwork: /number|card/,
};
/** Options with those given later over them; one that is `null` is left out again. */
export function merge(before: object, given: unknown): Record<string, unknown> {
  const merged = {
    ...before,
    ...Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined)),
  };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

const CONTROLS = ["input", "select"] as const;
const USUAL: readonly FieldName[] = ["number", "expiry", "cvc"];
