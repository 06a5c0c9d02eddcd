// How the test vault refuses: the status and the problem document (RFC 9457) of each code, as the vault has them.

import type { BackendCode, Code } from "../../errors.js";

/** What a refusal is answered with. A test compares the table with the document of the vault's interface. */
export const STATUS = {
  card_number_incomplete: 422,
  card_number_invalid: 422,
  brand_not_accepted: 422,
  card_not_accepted: 422,
  expiry_invalid: 422,
  expiry_past: 422,
  expiry_too_far: 422,
  cvc_incomplete: 422,
  cvc_invalid: 422,
  name_invalid: 422,
  postal_code_invalid: 422,
  network_invalid: 422,
  card_refused: 422,
  test_card_required: 422,
  idempotency_key_reused: 422,
  sealed_card_rejected: 422,
  sealed_card_mismatch: 422,
  options_invalid: 400,
  origin_not_registered: 400,
  context_malformed: 400,
  sealed_card_malformed: 400,
  sealed_card_header_invalid: 400,
  idempotency_key_invalid: 400,
  body_malformed: 400,
  grant_invalid: 400,
  scope_invalid: 400,
  context_forged: 403,
  context_issuer_mismatch: 403,
  context_expired: 403,
  context_exhausted: 403,
  origin_not_allowed: 403,
  scope_missing: 403,
  transport_insecure: 403,
  context_spent: 409,
  idempotency_in_flight: 409,
  client_invalid: 401,
  access_token_invalid: 401,
  not_found: 404,
  merchant_unknown: 404,
  method_not_allowed: 405,
  body_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  internal: 500,
  busy: 503,
} as const satisfies Partial<Record<Code | BackendCode, number>>;

/** A code that the vault answers with. */
export type AnswerCode = keyof typeof STATUS;

/** Whether the vault answers with it. */
export function isAnswer(code: string): code is AnswerCode {
  return Object.hasOwn(STATUS, code);
}

/** Why there is no other answer. */
export class Refusal extends Error {
  constructor(
    readonly code: AnswerCode,
    /** A sentence that says more than the code does. */
    readonly because?: string,
    /** What `Retry-After` says, of the codes that have one. */
    readonly seconds = 1,
  ) {
    super(code);
  }
}

/** The answer; that of the OAuth endpoint has RFC 6749's own `error`, too. */
export function problemOf({ code, because, seconds }: Refusal, oauth: boolean): Response {
  const status = STATUS[code];
  const field = fieldOf(code);
  const document = {
    type: "about:blank",
    title: TITLES[status],
    status,
    code,
    detail: because ?? `The test vault says ${code}; docs/errors.md says what to do.`,
    ...(field && { field }),
    ...(oauth && { error: OAUTH[code] ?? "invalid_request" }),
  };
  const headers = new Headers({ "Content-Type": "application/problem+json", "Cache-Control": "no-store" });
  if (WAITING.includes(code)) headers.set("Retry-After", String(seconds));
  const challenge = CHALLENGES[code];
  if (challenge) headers.set("WWW-Authenticate", challenge);
  return new Response(JSON.stringify(document), { status, headers });
}

function fieldOf(code: AnswerCode): string | undefined {
  const field = /^(card_n|brand|expiry|cvc|name|postal_code|network)/.exec(code)?.[1];
  return field === "card_n" || field === "brand" ? "number" : field;
}

const WAITING: readonly AnswerCode[] = ["busy", "rate_limited", "idempotency_in_flight"];

/** RFC 6749 section 5.2. */
const OAUTH: Partial<Record<AnswerCode, string>> = {
  client_invalid: "invalid_client",
  grant_invalid: "unsupported_grant_type",
  scope_invalid: "invalid_scope",
  internal: "server_error",
};

const CHALLENGES: Partial<Record<AnswerCode, string>> = {
  client_invalid: 'Basic realm="cardseal", charset="UTF-8"',
  access_token_invalid: 'Bearer realm="cardseal", error="invalid_token"',
  scope_missing: 'Bearer realm="cardseal", error="insufficient_scope"',
};

const TITLES: Readonly<Record<(typeof STATUS)[AnswerCode], string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Payload Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Entity",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};
