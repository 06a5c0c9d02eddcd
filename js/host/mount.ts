// What mount() takes for a field or a card, and its parser. A message says which option is wrong and what it should be, never its value.

import type { Brand } from "../brands.js";
import type { Declaration } from "../bridge-style.js";
import { refuse } from "../errors.js";
import { exactly, membersOf, one, optional, type Shape } from "../members.js";
import { FIELDS, type FieldName, type FieldSettings, fieldSettings, type Layout } from "../messages.js";
import { DEVELOPMENT } from "../sentences.js";
import { FROM_PAGE, parseTexts, type Texts } from "../texts.js";
import { parseTarget } from "./options.js";
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

/** What mount() or update() takes, member by member. */
interface Given extends Omit<FieldSettings, "labelled"> {
  readonly labelledBy?: Element;
  readonly style?: readonly Declaration[];
  readonly control?: "input" | "select";
  readonly inputs?: readonly FieldName[];
  /** What is to be a text, or texts by field. */
  readonly label?: unknown;
  readonly placeholder?: unknown;
  readonly labels?: unknown;
  readonly placeholders?: unknown;
}

/** What `of` has been given, by mount() and by each update(). */
export function parseFieldOptions(of: MountName, options: unknown): ParsedFieldOptions {
  const card = of === "card";
  const given = parseGiven(options);
  if (given && Object.keys(given).every((name) => (OF[name] ?? /./).test(of))) {
    const {
      labelledBy,
      style = [],
      control,
      inputs = USUAL,
      label,
      placeholder,
      labels,
      placeholders,
      ...rest
    } = given;
    const settings = {
      ...rest,
      ...(!card && (labelledBy || label !== undefined) && { labelled: !!labelledBy || label === "" }),
    };
    const name = labelledBy?.textContent
      ?.replace(/[\s\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, " ")
      .trim()
      .slice(0, 100);
    const named = { [`${of}_label`]: label || name, [`${of}_placeholder`]: placeholder };
    for (const [field, text] of membersOf(labels)) named[`${field}_label`] = text;
    for (const [field, text] of membersOf(placeholders)) named[`${field}_placeholder`] = text;
    const texts = parseTexts(without(undefined, named), FROM_PAGE);
    if (texts && Object.values(texts).every((text) => text.length <= 100)) {
      const fields = card ? inputs : [of];
      const address = [...(control === "select" ? [control] : []), ...(card ? fields : [])];
      return { fields, address, labelledBy, settings, style, texts };
    }
  }
  refuse(
    DEVELOPMENT &&
      (card
        ? "A card takes { inputs: names of fields; layout: auto, row or stacked; control: input or select; label; labels, placeholders: texts by field; disabled, advance, icons; preferredNetwork; style; labelledBy }."
        : "A field takes { label, placeholder: at most 100 characters; disabled, advance: true or false; style; labelledBy: an element or a selector }, number and cvc { icons: true or false } too, number { preferredNetwork: a brand }, and month and year { control: input or select }."),
  );
}

function parseGiven(options: unknown = {}): Given | undefined {
  const { labelled: _, ...settings } = fieldSettings();
  const any = (value: unknown): unknown => value ?? null;
  const shape: Shape<Given> = {
    labelledBy: optional(parseTarget),
    style: optional(parseStyle),
    ...settings,
    control: optional((value) => one(["input", "select"] as const, value)),
    inputs: optional(parseInputs),
    label: any,
    placeholder: any,
    labels: any,
    placeholders: any,
  };
  return typeof options === "object" ? exactly(shape, options) : undefined;
}

function parseInputs(value: unknown): readonly FieldName[] | undefined {
  const fields = Array.isArray(value) ? [...value] : [];
  return fields.length > 0 && fields.every((field) => one(FIELDS, field)) ? fields : undefined;
}

/** Options that not all have. */
const OF: Readonly<Record<string, RegExp>> = {
  placeholder: /^(?!card)/,
  labels: /card/,
  placeholders: /card/,
  inputs: /card/,
  layout: /card/,
  control: /month|year|card/,
  icons: /number|cvc|card/,
  preferredNetwork: /number|card/,
};

/** Options with those given later over them; one that is `null` is left out again. */
export function merge(before: object, given: unknown): Record<string, unknown> {
  return without(null, { ...before, ...without(undefined, given) });
}

function without(what: null | undefined, members: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members ?? {}).filter(([, value]) => value !== what));
}

const USUAL: readonly FieldName[] = ["number", "expiry", "cvc"];
