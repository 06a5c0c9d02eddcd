// Why a card could not be sealed or sent: a code and nothing else, as only codes leave a frame.

import type { Code } from "../errors.js";
import type { FieldName } from "../messages.js";

export class Failure extends Error {
  readonly code: Code;
  readonly field: FieldName | undefined;

  constructor(code: Code, field?: FieldName) {
    super(code);
    this.code = code;
    this.field = field;
  }
}
