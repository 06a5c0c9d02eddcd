// What the page and the vault's frames say to each other: the messages, and the parsers of both sides.
// A message is parsed member by member and never cast; none of a frame has a member that could carry a digit of the card but `bin`.

import { BRANDS, type Brand } from "./brands.js";
import { type Look, parseLook } from "./bridge-style.js";
import { type Code, parseCode } from "./errors.js";
import { membersOf, one, optional, some, text, whole } from "./members.js";
import { FROM_FRAME, FROM_PAGE, parseTexts, type Texts } from "./texts.js";

/** Fields that can be mounted; month and year are the expiry, apart. */
export const FIELDS = ["number", "expiry", "month", "year", "cvc", "name", "postal_code"] as const;
/** A field that can be mounted by itself or in a `card`. */
export type FieldName = (typeof FIELDS)[number];

/** What the vault gives for a card. */
export interface Token {
  /** The token: opaque, 1 to 255 visible ASCII characters. Send it to your backend. */
  readonly id: string;
  readonly brand: Brand;
  /** The last four digits of the card's number, as a string. */
  readonly last4: string;
}

/** What the page says to the coordinator after the handshake. */
export type CoordinatorMessage =
  | { readonly v: 1; readonly kind: "context"; readonly context: string; readonly age: number }
  | { readonly v: 1; readonly kind: "tokenize" | "abort"; readonly id: number };

/** How the inputs of a card stand: in rows as the frame's width allows, in one row, or one below the other. */
export const LAYOUTS = ["auto", "row", "stacked"] as const;
export type Layout = (typeof LAYOUTS)[number];

/** What the page sets of a frame's fields, all of it each time: what is left out is as if it was never set. */
export interface FieldSettings {
  /** The page has a label of its own: the frame's is not seen. */
  readonly labelled?: boolean;
  readonly disabled?: boolean;
  /** Moves on when typing has completed a field: to the frame's next, or by saying `advance`. */
  readonly advance?: boolean;
  readonly layout?: Layout;
  /** Shows icons of the card's network and of its code. */
  readonly icons?: boolean;
  /** Of networks that the cardholder can choose from, the one chosen at first. */
  readonly preferredNetwork?: Brand;
}

/** What the page says to a field after the handshake. */
export type FieldMessage =
  | { readonly v: 1; readonly kind: "attach" | "focus" | "blur" | "clear" }
  | ({ readonly v: 1; readonly kind: "set" } & FieldSettings)
  | { readonly v: 1; readonly kind: "speak"; readonly ranges: string; readonly messages: Texts }
  | ({ readonly v: 1; readonly kind: "look" } & Look);

/** What the page says to a frame after the handshake. */
export type HostMessage = CoordinatorMessage | FieldMessage;

/** What a frame says to the page. */
export type FrameMessage =
  | { readonly v: 1; readonly kind: "connected"; readonly nonce: string }
  | { readonly v: 1; readonly kind: "ready" | "advance" | "lost" }
  | { readonly v: 1; readonly kind: "focus" | "blur" | "enter" | "escape"; readonly field: FieldName }
  | ({ readonly v: 1; readonly kind: "change"; readonly field: FieldName } & Change)
  | { readonly v: 1; readonly kind: "size"; readonly rows: number; readonly lines: number }
  | { readonly v: 1; readonly kind: "covered"; readonly covered: boolean }
  | { readonly v: 1; readonly kind: "texts"; readonly texts: Texts }
  | { readonly v: 1; readonly kind: "autofill"; readonly fields: readonly FieldName[] }
  | { readonly v: 1; readonly kind: "accepted"; readonly remaining: number }
  | { readonly v: 1; readonly kind: "refused"; readonly code: Code }
  | { readonly v: 1; readonly kind: "token"; readonly id: number; readonly token: Token }
  | {
      readonly v: 1;
      readonly kind: "failed";
      readonly id: number;
      readonly code: Code;
      readonly field?: FieldName;
    };

/** The first message to a frame; the port comes with it. */
export interface Connect {
  readonly v: 1;
  readonly kind: "connect";
  readonly nonce: string;
  readonly form: string;
}

/** What the page may know of a field. */
export interface Change {
  readonly empty: boolean;
  readonly complete: boolean;
  /** The error that the field shows. */
  readonly error?: Code;
  readonly potentiallyValid: boolean;
  /** Only of the number, and only if the capture context exposes it; the same holds for the next two. */
  readonly brand?: Brand;
  readonly brands?: readonly Brand[];
  /** The one member that carries digits of the card: the engine's `report()` decides which. */
  readonly bin?: string;
  /** Of a complete number: the networks that the cardholder can choose between, two or more, in the order of `BRANDS`. */
  readonly networks?: readonly Brand[];
  /** The chosen one of them. */
  readonly network?: Brand;
}

/** What both sides know once they are connected. */
export function parseConnect(value: unknown): Connect | undefined {
  return closed(value, (kind, take) => {
    const nonce = text(take("nonce"), ID);
    const form = text(take("form"), ID);
    return kind === "connect" && nonce && form ? { v: 1, kind, nonce, form } : undefined;
  });
}

/** A message to the coordinator, or `undefined` for anything that is not exactly one. */
export function parseCoordinatorMessage(value: unknown): CoordinatorMessage | undefined {
  return closed(value, (kind, take) => {
    if (kind === "context") {
      const context = text(take("context"), CONTEXT);
      const age = whole(take("age"), MAX_AGE);
      return !context || age === undefined ? undefined : { v: 1, kind, context, age };
    }
    const id = whole(take("id"), MAX_ID);
    return id !== undefined && (kind === "tokenize" || kind === "abort") ? { v: 1, kind, id } : undefined;
  });
}

/** A message to a field, or `undefined` for anything that is not exactly one. */
export function parseFieldMessage(value: unknown): FieldMessage | undefined {
  return closed(value, (kind, take) => {
    if (kind === "set") {
      const settings = parseFieldSettings(take);
      return settings && { v: 1, kind, ...settings };
    }
    if (kind === "speak") {
      const ranges = text(take("ranges"), FROM_PAGE);
      const messages = parseTexts(take("messages"), FROM_PAGE);
      return ranges === undefined ? undefined : messages && { v: 1, kind, ranges, messages };
    }
    if (kind === "look") {
      const look = parseLook(take);
      return look && { v: 1, kind, ...look };
    }
    const known = one(["attach", "focus", "blur", "clear"] as const, kind);
    return known && { v: 1, kind: known };
  });
}

/** What the page sets of a field, or `undefined` if a member is not what it has to be. */
export function parseFieldSettings(take: Take): FieldSettings | undefined {
  const layout = optional(take("layout"), (value) => one(LAYOUTS, value));
  const preferredNetwork = optional(take("preferredNetwork"), (name) => one(BRANDS, name));
  if (layout === null || preferredNetwork === null) return undefined;
  const settings: { -readonly [Name in keyof FieldSettings]: FieldSettings[Name] } = {
    ...(layout && { layout }),
    ...(preferredNetwork && { preferredNetwork }),
  };
  for (const name of ["labelled", "disabled", "advance", "icons"] as const) {
    const given = optional(take(name), (value) => one([true, false], value));
    if (given === null) return undefined;
    if (given !== undefined) settings[name] = given;
  }
  return settings;
}

/** A message of a frame, or `undefined` for anything that is not exactly one. */
export function parseFrameMessage(value: unknown): FrameMessage | undefined {
  return closed(value, (kind, take) => {
    switch (kind) {
      case "ready":
      case "advance":
      case "lost":
        return { v: 1, kind };
      case "focus":
      case "blur":
      case "enter":
      case "escape": {
        const field = one(FIELDS, take("field"));
        return field && { v: 1, kind, field };
      }
      case "connected": {
        const nonce = text(take("nonce"), ID);
        return nonce && { v: 1, kind, nonce };
      }
      case "change": {
        const field = one(FIELDS, take("field"));
        const change = parseChange(take);
        return field && change && { v: 1, kind, field, ...change };
      }
      case "size": {
        const rows = whole(take("rows"), MAX_LINES);
        const lines = whole(take("lines"), MAX_LINES);
        return rows && lines ? { v: 1, kind, rows, lines } : undefined;
      }
      case "covered": {
        const covered = one([true, false], take("covered"));
        return covered === undefined ? undefined : { v: 1, kind, covered };
      }
      case "texts": {
        const texts = parseTexts(take("texts"), FROM_FRAME);
        return texts && { v: 1, kind, texts };
      }
      case "autofill": {
        const fields = some(FIELDS, take("fields"));
        return fields?.length ? { v: 1, kind, fields } : undefined;
      }
      case "accepted": {
        const remaining = whole(take("remaining"), MAX_REMAINING);
        return remaining === undefined ? undefined : { v: 1, kind, remaining };
      }
      case "refused": {
        const code = parseCode(take("code"));
        return code && { v: 1, kind, code };
      }
      case "token": {
        const id = whole(take("id"), MAX_ID);
        const token = parseToken(take("token"));
        return id === undefined ? undefined : token && { v: 1, kind, id, token };
      }
      case "failed": {
        const id = whole(take("id"), MAX_ID);
        const code = parseCode(take("code"));
        const field = optional(take("field"), (name) => one(FIELDS, name));
        if (id === undefined || !code || field === null) return undefined;
        return { v: 1, kind, id, code, ...(field && { field }) };
      }
      default:
        return undefined;
    }
  });
}

/** A token as the coordinator gives it, or `undefined` for anything that is not exactly one. */
export function parseToken(value: unknown): Token | undefined {
  const members = membersOf(value);
  const id = text(members.get("id"), TOKEN);
  const brand = one(BRANDS, members.get("brand"));
  const last4 = text(members.get("last4"), LAST4);
  return members.size === 3 && id && brand && last4 ? { id, brand, last4 } : undefined;
}

function parseChange(take: Take): Change | undefined {
  const empty = take("empty");
  const complete = take("complete");
  const error = optional(take("error"), parseCode);
  const brand = optional(take("brand"), (name) => one(BRANDS, name));
  const potentiallyValid = take("potentiallyValid");
  const brands = optional(take("brands"), (names) => some(BRANDS, names));
  const networks = optional(take("networks"), (names) => some(BRANDS, names));
  const network = optional(take("network"), (name) => one(BRANDS, name));
  const bin = optional(take("bin"), (digits) => text(digits, BIN));
  if (typeof empty !== "boolean" || typeof complete !== "boolean" || typeof potentiallyValid !== "boolean")
    return;
  if (error === null || brand === null || brands === null || bin === null) return;
  if (networks === null || network === null) return;
  return {
    empty,
    complete,
    potentiallyValid,
    ...(error && { error }),
    ...(brand && { brand }),
    ...(brands && { brands }),
    ...(networks && { networks }),
    ...(network && { network }),
    ...(bin && { bin }),
  };
}

/** Takes a member out of what came. */
export type Take = (name: string) => unknown;

/** Runs `parse` on the members of a message of this version; a member that `parse` did not take spoils the message. */
function closed<T>(value: unknown, parse: (kind: unknown, take: Take) => T | undefined | ""): T | undefined {
  const members = membersOf(value);
  const take: Take = (name) => {
    const member = members.get(name);
    members.delete(name);
    return member;
  };
  const message = take("v") === 1 && parse(take("kind"), take);
  return members.size === 0 && message ? message : undefined;
}

const ID = /^[0-9a-f]{32}$/;
const CONTEXT = /^[\w.-]{1,16384}$/;
const TOKEN = /^[!-~]{1,255}$/;
const BIN = /^[0-9]{1,6}$/;
const LAST4 = /^[0-9]{4}$/;
/** Calls to tokenize() of one form. */
const MAX_ID = 99_999;
/** Of inputs, and of the sentences below them; one digit says no more than that there is an error. */
const MAX_LINES = 9;
/** Seconds; a context lives for 15 minutes, so one older than a day is of no use anyhow. */
const MAX_AGE = 99_999;
/** Seconds; more than a context can live would be room for digits. */
const MAX_REMAINING = 900;
