// Why something in a frame did not work: a code and nothing else, as only codes leave a frame.

import type { Code } from "../errors.js";
import { FIELDS, type FieldName } from "../messages.js";

export class Failure extends Error {
  readonly code: Code;
  readonly field: FieldName | undefined;

  constructor(code: Code, field?: FieldName) {
    super(code);
    this.code = code;
    this.field = field;
  }
}

/** What was thrown; anything else than a Failure is a trap of the engine. */
export function failureOf(thrown: unknown): Failure {
  return thrown instanceof Failure ? thrown : new Failure("coordinator_lost");
}

/** The fields that a code can be about, in the order of a checkout. */
export function fieldsOf(code: string): FieldName[] {
  return FIELDS.filter((field) => PREFIXES[field].test(code));
}

const PREFIXES: Readonly<Record<FieldName, RegExp>> = {
  number: /^(card_n|brand|network)/,
  expiry: /^exp/,
  month: /^exp/,
  year: /^exp/,
  cvc: /^cvc/,
  name: /^name/,
  postal_code: /^postal/,
};
