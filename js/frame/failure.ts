// What a frame makes of a failure: a code that it can tell, and the fields that the code is about. No text leaves a frame.

import { FIELDS, type FieldName } from "../messages.js";
import { Failure } from "../seal/failure.js";

/** What was thrown; anything else than a Failure is a trap of the engine. */
export function failureOf(thrown: unknown): Failure {
  return thrown instanceof Failure ? thrown : new Failure("coordinator_lost");
}

/** The fields that a code can be about, in the order of a checkout. */
export function fieldsOf(code: string): FieldName[] {
  return FIELDS.filter((field) => PREFIXES[field].test(code));
}

const PREFIXES: Readonly<Record<FieldName, RegExp>> = {
  number: /^(card_n|brand|network_i)/,
  expiry: /^exp/,
  month: /^exp/,
  year: /^exp/,
  cvc: /^cvc/,
  name: /^name/,
  postal_code: /^postal/,
};
