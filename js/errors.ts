// The codes that a merchant's page meets, and the error that carries them. No message holds a value from outside.

import { text } from "./members.js";
import type { FieldName } from "./messages.js";
import { DEVELOPMENT, SENTENCES } from "./sentences.js";

/** Who has to act: the cardholder, the integrator, nobody in particular (try again), or whoever reads the vault's answer. */
export type Blame = "input" | "misuse" | "network" | "rejected";

/** What the cardholder reads in the field, and the page in `change`. */
export const INPUT = {
  card_number_incomplete: "Enter the full card number.",
  card_number_invalid: "Check the card number.",
  brand_not_accepted: "This kind of card is not accepted.",
  card_not_accepted: "This card is not accepted.",
  expiry_incomplete: "Enter month and year.",
  expiry_invalid: "Check month and year.",
  expiry_past: "This card has expired.",
  expiry_too_far: "Check the year.",
  cvc_incomplete: "Enter the full code.",
  cvc_invalid: "Check the code.",
  name_invalid: "Check the name.",
  postal_code_invalid: "Check the postal code.",
  network_invalid: "Choose the network again.",
} as const;

/** The page or its backend uses the product wrongly. */
export const MISUSE = [
  "options_invalid",
  "element_not_found",
  "field_unknown",
  "field_already_mounted",
  "field_not_mounted",
  "destroyed",
  "tokenize_in_progress",
  "aborted",
  "context_unavailable",
  "context_malformed",
  "context_forged",
  "context_issuer_mismatch",
  "context_via_mismatch",
  "context_expired",
  "context_spent",
  "context_exhausted",
  "origin_not_allowed",
  "recipient_invalid",
] as const;

/** A connection failed or a limit was reached. */
export const NETWORK = [
  "network_failed",
  "timeout",
  "frame_timeout",
  "coordinator_lost",
  "response_malformed",
  "busy",
  "idempotency_in_flight",
  "rate_limited",
  "wasm_unavailable",
] as const;

/** The vault refused. */
export const REJECTED = [
  "sealed_card_malformed",
  "sealed_card_header_invalid",
  "sealed_card_mismatch",
  "sealed_card_rejected",
  "idempotency_key_invalid",
  "idempotency_key_reused",
  "body_malformed",
  "body_too_large",
  "unsupported_media_type",
  "not_found",
  "merchant_unknown",
  "card_refused",
  "test_card_required",
  "internal",
] as const;

/** A code that concerns the page's developer, who reads a sentence about it in js/sentences.ts. */
export type DeveloperCode = (typeof MISUSE | typeof NETWORK | typeof REJECTED)[number];

/** A stable code. It never changes its name or meaning; new ones may be added with a release. */
export type Code = InputCode | DeveloperCode;

/** A code that only a merchant's backend meets, in the vault's own answers. It takes no room in a page. */
export type BackendCode =
  | "method_not_allowed"
  | "release_unknown"
  | "client_invalid"
  | "grant_invalid"
  | "scope_invalid"
  | "access_token_invalid"
  | "scope_missing"
  | "card_malformed"
  | "origin_not_registered"
  | "transport_insecure";

/** A code that concerns what the cardholder typed. */
export type InputCode = keyof typeof INPUT;

/** The field that an error concerns. */
export type ErrorField = FieldName | "network";

/** What may be said about an error beyond its code. */
export interface ErrorDetails {
  /** A sentence that is more exact than the one in the table. It never holds a value from outside. */
  readonly message?: string | false;
  readonly field?: ErrorField | undefined;
  /** What the page's own code threw, such as the failure of its context function. */
  readonly cause?: unknown;
}

/**
 * The only error that this package throws or rejects with.
 *
 * Decide by `code`; show `message` to the cardholder if `blame` is `"input"`, and log it otherwise: then it is a sentence for
 * the page's developer in a development build, and the code with the place of that sentence in any other.
 */
export class CardsealError extends Error {
  override readonly name = "CardsealError";
  /** What went wrong, as a stable lower_snake name. */
  declare readonly code: Code;
  /** Who has to act. */
  declare readonly blame: Blame;
  /** Whether the same call may succeed when it is made again unchanged. */
  declare readonly retryable: boolean;
  /** The field that has to be corrected or mounted. */
  declare readonly field?: ErrorField;

  constructor(code: Code, details: ErrorDetails = {}) {
    super(
      details.message ||
        (DEVELOPMENT && { ...INPUT, ...SENTENCES }[code]) ||
        `cardseal: ${code}, see docs/errors.md`,
      // Of these, it takes the cause.
      details,
    );
    const field = details.field ?? (isInputCode(code) && fieldOf(code));
    this.code = code;
    this.blame = blameOf(code);
    this.retryable = PASSING.test(code);
    if (field) this.field = field;
  }
}

/** Refuses something that the page's developer passed in. */
export function refuse(message: string | false): never {
  throw new CardsealError("options_invalid", { message });
}

/** The code that `value` spells; a newer vault's may be one that this release does not know. */
export function parseCode(value: unknown): Code | undefined {
  return text(value, SHAPE) as Code | undefined;
}

/** Whether it is a code that concerns what was typed. */
export function isInputCode(value: unknown): value is InputCode {
  return text(value, OF_INPUT) !== undefined;
}

// What follows spells the tables above as patterns, which take a third of their room in a page; a test compares them.

const SHAPE = /^[a-z][a-z_]{3,39}$/;
const OF_INPUT =
  /^(card_number_in(complete|valid)|(card|brand)_not_accepted|(expiry|cvc)_in(complete|valid)|expiry_(past|too_far)|(name|postal_code|network)_invalid)$/;
const OF_NETWORK = /^(network_f|timeout|frame_|coordinator_|response_|busy|idempotency_in_|rate_|wasm_)/;
const OF_VAULT =
  /^(sealed_|idempotency_key|body_|unsupported_|not_found|merchant_|card_refused|test_|internal)/;
const PASSING = /^(network_f|timeout|frame_|busy|idempotency_in_|rate_|internal)/;

function blameOf(code: Code): Blame {
  if (isInputCode(code)) return "input";
  return OF_NETWORK.test(code) ? "network" : OF_VAULT.test(code) ? "rejected" : "misuse";
}

/** The field is the first word of an input code, but for these. */
const FIELD_OF: Readonly<Record<string, ErrorField>> = {
  card: "number",
  brand: "number",
  postal: "postal_code",
};

function fieldOf(code: InputCode): ErrorField {
  const [word = ""] = code.split("_", 1);
  return FIELD_OF[word] ?? (word as ErrorField);
}
