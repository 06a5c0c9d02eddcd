// What the page and the vault's frames say to each other: the messages, and the parsers of both sides.
// A message is parsed member by member and never cast; none of a frame has a member that could carry a digit of the card but `bin`.

import { BRANDS, type Brand } from "./brands.js";
import { type Look, parseDeclarations } from "./bridge-style.js";
import { type Code, parseCode } from "./errors.js";
import {
  exactly,
  flag,
  membersOf,
  one,
  optional,
  type Parse,
  type Shape,
  some,
  text,
  whole,
} from "./members.js";
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

/** What the page wants of a field; `demand` is to see what it lacks, as if the card were to be sealed. */
export type Wish = "focus" | "blur" | "demand" | "clear";

/** What the page says to a field after the handshake. */
export type FieldMessage =
  | { readonly v: 1; readonly kind: "attach" | Wish }
  | ({ readonly v: 1; readonly kind: "set" } & FieldSettings)
  | { readonly v: 1; readonly kind: "speak"; readonly ranges: string; readonly messages: Texts }
  | ({ readonly v: 1; readonly kind: "look" } & Look);

/** What the page says to a frame after the handshake. */
export type HostMessage = CoordinatorMessage | FieldMessage;

/** What a frame says to the page. */
export type FrameMessage =
  | { readonly v: 1; readonly kind: "connected"; readonly nonce: string }
  | { readonly v: 1; readonly kind: "ready" | "advance" | "lost" | "unfocused" }
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

/** The first message to a frame, or `undefined` for anything else. */
export function parseConnect(value: unknown): Connect | undefined {
  return parseMessage<Connect>({ connect: { nonce: id, form: id } }, value);
}

/** A message to the coordinator, or `undefined` for anything that is not exactly one. */
export function parseCoordinatorMessage(value: unknown): CoordinatorMessage | undefined {
  return parseMessage<CoordinatorMessage>(
    {
      context: { context: (jws) => text(jws, CONTEXT), age: (seconds) => whole(seconds, MAX_AGE) },
      tokenize: { id: call },
      abort: { id: call },
    },
    value,
  );
}

/** A message to a field, or `undefined` for anything that is not exactly one. */
export function parseFieldMessage(value: unknown): FieldMessage | undefined {
  return parseMessage<FieldMessage>(
    {
      attach: {},
      focus: {},
      blur: {},
      demand: {},
      clear: {},
      set: fieldSettings(),
      speak: {
        ranges: (tags) => text(tags, FROM_PAGE),
        messages: (texts) => parseTexts(texts, FROM_PAGE),
      },
      look: { dark: flag, contrast: flag, style: parseDeclarations },
    },
    value,
  );
}

/** A message of a frame, or `undefined` for anything that is not exactly one. */
export function parseFrameMessage(value: unknown): FrameMessage | undefined {
  const ofField = { field };
  return parseMessage<FrameMessage>(
    {
      connected: { nonce: id },
      ready: {},
      advance: {},
      lost: {},
      unfocused: {},
      focus: ofField,
      blur: ofField,
      enter: ofField,
      escape: ofField,
      change: {
        field,
        empty: flag,
        complete: flag,
        potentiallyValid: flag,
        error: optional(parseCode),
        brand: optional(brand),
        brands: optional(brands),
        networks: optional(brands),
        network: optional(brand),
        bin: optional((digits) => text(digits, BIN)),
      },
      size: { rows: count, lines: count },
      covered: { covered: flag },
      texts: { texts: (texts) => parseTexts(texts, FROM_FRAME) },
      autofill: { fields: (fields) => some(FIELDS, fields, 1) },
      accepted: { remaining: (seconds) => whole(seconds, MAX_REMAINING) },
      refused: { code: parseCode },
      token: { id: call, token: parseToken },
      failed: { id: call, code: parseCode, field: optional(field) },
    },
    value,
  );
}

/** A token as the coordinator gives it, or `undefined` for anything that is not exactly one. */
export function parseToken(value: unknown): Token | undefined {
  return exactly<Token>(
    { id: (token) => text(token, TOKEN), brand, last4: (digits) => text(digits, LAST4) },
    value,
  );
}

/** How each kind of message has to be. */
type Kinds<Message> = {
  readonly [Kind in KindOf<Message>]: Shape<Omit<OfKind<Message, Kind>, "v" | "kind">>;
};
export type KindOf<Message> = Message extends { readonly kind: infer Kind extends string } ? Kind : never;
export type OfKind<Message, Kind> = Message extends { readonly kind: infer Kinds }
  ? Kind extends Kinds
    ? Message
    : never
  : never;

/** What is exactly one message of these kinds, of this version. */
function parseMessage<Message>(kinds: Kinds<Message>, value: unknown): Message | undefined {
  const kind = one(Object.keys(kinds) as KindOf<Message>[], membersOf(value).get("kind"));
  if (!kind) return undefined;
  const head: Shape<{ v: 1; kind: string }> = { v: (v) => one([1], v), kind: (same) => one([kind], same) };
  return exactly({ ...head, ...kinds[kind] } as unknown as Shape<Message>, value);
}

/** @internal How each setting of a field has to be. */
export function fieldSettings(): Shape<FieldSettings> {
  const state = optional(flag);
  return {
    labelled: state,
    disabled: state,
    advance: state,
    icons: state,
    layout: optional((value) => one(LAYOUTS, value)),
    preferredNetwork: optional(brand),
  };
}

const id: Parse<string> = (value) => text(value, ID);
const call: Parse<number> = (value) => whole(value, MAX_ID);
const count: Parse<number> = (value) => whole(value, MAX_LINES, 1);
const field: Parse<FieldName> = (value) => one(FIELDS, value);
const brand: Parse<Brand> = (value) => one(BRANDS, value);
const brands: Parse<readonly Brand[]> = (value) => some(BRANDS, value);

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
