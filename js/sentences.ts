// A sentence for the page's developer about each code that is not the cardholder's. Only a development build carries them:
// together they would be a third of what every shopper's page loads.

import type { DeveloperCode } from "./errors.js";

declare const CARDSEAL_DEVELOPMENT: boolean;

/** Whether this is a development build. What was not built, such as the sources under test, is one. */
export const DEVELOPMENT: boolean = typeof CARDSEAL_DEVELOPMENT === "undefined" || CARDSEAL_DEVELOPMENT;

// The vault answers so if the request was altered on its way; a page's developer can do no more about one than the other.
const ALTERED = "The vault refused the request; check what stands in between.";

/** The table. No sentence holds a value from outside. */
export const SENTENCES: Readonly<Record<DeveloperCode, string>> = {
  options_invalid: "An option is wrong.",
  element_not_found: "No element matches the selector.",
  field_unknown: "There is no such field; mount card, number, expiry, month, year, cvc, name or postal_code.",
  field_already_mounted:
    "The field is mounted, by itself, in a card, or as expiry or month and year; unmount it first.",
  field_not_mounted: "A required field is not mounted; mount it before tokenize().",
  destroyed: "The form was destroyed; create another.",
  tokenize_in_progress: "A tokenize() is under way; wait until it settles.",
  aborted: "The signal ended the call; a token may exist all the same.",
  context_unavailable: "The context function failed or gave no string.",
  context_malformed: "This is no capture context; pass it on as the vault gave it.",
  context_forged: "The vault did not sign this context; pass it on as the vault gave it.",
  context_issuer_mismatch: "The context is another vault's than `vault`.",
  context_via_mismatch:
    "The context is for the other way, fields or direct; ask for one with the right `via`.",
  context_expired: "The context has expired; give a fresh one each time.",
  context_spent: "The context has made its token; give a fresh one each time.",
  context_exhausted: "The context was tried too often; give a fresh one.",
  origin_not_allowed: "The context does not name this page's origin; ask for one that does.",
  recipient_invalid: "The context's key is not one to seal to.",
  network_failed: "The vault could not be reached; try again.",
  timeout: "The vault did not answer in time; try again.",
  frame_timeout: "A frame did not load; check `vault`, the page's frame-src and the merchant's origins.",
  coordinator_lost: "The form's hidden frame was removed or navigated; create the form anew.",
  response_malformed: "The answer is not a vault's; check what stands in between.",
  busy: "The vault is busy; try again later.",
  idempotency_in_flight: "The same request is under way; try again.",
  rate_limited: "Too many requests; try again later.",
  wasm_unavailable: "The engine started neither as WebAssembly nor as JavaScript.",
  sealed_card_malformed: ALTERED,
  sealed_card_header_invalid: ALTERED,
  sealed_card_mismatch: ALTERED,
  sealed_card_rejected: ALTERED,
  idempotency_key_invalid: ALTERED,
  idempotency_key_reused: ALTERED,
  body_malformed: ALTERED,
  body_too_large: ALTERED,
  unsupported_media_type: ALTERED,
  not_found: "The card that the context names is deleted; capture a whole one.",
  merchant_unknown: "The vault knows no such merchant; check the merchant id.",
  card_refused: "The vault's or the merchant's rules refuse this card; ask for another.",
  test_card_required: "This vault takes published test cards only.",
  internal: "The vault failed; try again.",
};
