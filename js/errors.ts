// The codes that a merchant's page meets, each with a sentence for its developer. No message holds a value from outside.

import type { FieldName } from "./bridge.js";

/** Who has to act: the cardholder, the integrator, nobody in particular (try again), or whoever reads the vault's answer. */
export type Blame = "input" | "misuse" | "network" | "rejected";

/** What the cardholder reads in the field, and the page in `change`. */
export const INPUT = {
  card_number_incomplete: "Enter the full card number.",
  card_number_invalid: "Check the card number.",
  brand_not_accepted: "This kind of card is not accepted.",
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
export const MISUSE = {
  options_invalid: "An option is wrong.",
  element_not_found: "No element matches the selector.",
  field_unknown: "There is no such field; mount number, expiry or cvc.",
  field_already_mounted: "The field is mounted; unmount it first.",
  field_not_mounted: "A required field is not mounted; mount it before tokenize().",
  destroyed: "The form was destroyed; create another.",
  tokenize_in_progress: "A tokenize() is under way; wait until it settles.",
  aborted: "The signal ended the call; a token may exist all the same.",
  context_unavailable: "The context function failed or gave no string.",
  context_malformed: "This is no capture context; pass it on as the vault gave it.",
  context_forged: "The vault did not sign this context; pass it on as the vault gave it.",
  context_issuer_mismatch: "The context is another vault's than `vault`.",
  context_expired: "The context has expired; give a fresh one each time.",
  context_spent: "The context has made its token; give a fresh one each time.",
  context_exhausted: "The context was tried too often; give a fresh one.",
  origin_not_allowed: "The context does not name this page's origin; ask for one that does.",
  recipient_invalid: "The context's key is not one to seal to.",
} as const;

/** A connection failed or a limit was reached. */
export const NETWORK = {
  network_failed: "The vault could not be reached; try again.",
  timeout: "The vault did not answer in time; try again.",
  frame_timeout: "A frame did not load; check `vault`, the page's frame-src and the merchant's origins.",
  coordinator_lost: "The form's hidden frame was removed or navigated; create the form anew.",
  response_malformed: "The answer is not a vault's; check what stands in between.",
  busy: "The vault is busy; try again later.",
  idempotency_in_flight: "The same request is under way; try again.",
  rate_limited: "Too many requests; try again later.",
  wasm_unavailable: "WebAssembly did not start in the vault's frame.",
} as const;

// The vault answers so if the request was altered on its way; a page's developer can do no more about one than the other.
const ALTERED = "The vault refused the request; check what stands in between.";

/** The vault refused. */
export const REJECTED = {
  sealed_card_malformed: ALTERED,
  sealed_card_header_invalid: ALTERED,
  sealed_card_mismatch: ALTERED,
  sealed_card_rejected: ALTERED,
  idempotency_key_invalid: ALTERED,
  idempotency_key_reused: ALTERED,
  body_malformed: ALTERED,
  body_too_large: ALTERED,
  unsupported_media_type: ALTERED,
  merchant_unknown: "The vault knows no such merchant; check the merchant id.",
  card_refused: "The vault's or the merchant's rules refuse this card; ask for another.",
  test_card_required: "This vault takes published test cards only.",
  internal: "The vault failed; try again.",
} as const;

/** A stable code. It never changes its name or meaning; new ones may be added with a release. */
export type Code = keyof typeof INPUT | keyof typeof MISUSE | keyof typeof NETWORK | keyof typeof REJECTED;

/** A code that only a merchant's backend meets, in the vault's own answers. It takes no room in a page. */
export type BackendCode =
  | "not_found"
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

/** The field that an error concerns. The last three belong to cards that come with more than the hosted fields. */
export type ErrorField = FieldName | "name" | "postal_code" | "network";

/** What may be said about an error beyond its code. */
export interface ErrorDetails {
  /** A sentence that is more exact than the one in the table. It never holds a value from outside. */
  readonly message?: string;
  readonly field?: ErrorField | undefined;
  /** What the page's own code threw, such as the failure of its context function. */
  readonly cause?: unknown;
}

/**
 * The only error that this package throws or rejects with.
 *
 * Decide by `code`; show `message` to the cardholder if `blame` is `"input"`, and log it otherwise.
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
    const [blame, sentences] = groupOf(code) ?? [];
    super(details.message ?? sentences?.[code], "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.blame = blame ?? "rejected";
    this.retryable = RETRYABLE.includes(code);
    const field = details.field ?? (blame === "input" ? fieldOf(code) : undefined);
    if (field) this.field = field;
  }
}

/** The code that `value` names, if it is one of the table. */
export function parseCode(value: unknown): Code | undefined {
  return isCode(value) ? value : undefined;
}

/** Whether it is a code that concerns what was typed. */
export function isInputCode(value: unknown): value is InputCode {
  return typeof value === "string" && Object.hasOwn(INPUT, value);
}

function isCode(value: unknown): value is Code {
  return typeof value === "string" && groupOf(value) !== undefined;
}

function groupOf(code: string): readonly [Blame, Readonly<Record<string, string>>] | undefined {
  return GROUPS.find(([, sentences]) => Object.hasOwn(sentences, code));
}

/** The first word of an input code tells the field. */
function fieldOf(code: Code): ErrorField | undefined {
  return FIELD_OF[code.split("_", 1)[0] ?? ""];
}

const FIELD_OF: Readonly<Record<string, ErrorField>> = {
  card: "number",
  brand: "number",
  expiry: "expiry",
  cvc: "cvc",
  name: "name",
  postal: "postal_code",
  network: "network",
};

const GROUPS: readonly (readonly [Blame, Readonly<Record<string, string>>])[] = [
  ["input", INPUT],
  ["misuse", MISUSE],
  ["network", NETWORK],
  ["rejected", REJECTED],
];

const RETRYABLE: readonly Code[] = [
  "network_failed",
  "timeout",
  "frame_timeout",
  "busy",
  "idempotency_in_flight",
  "rate_limited",
  "internal",
];
