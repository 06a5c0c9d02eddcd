// Why something in a frame did not work: a code and nothing else, as only codes leave a frame.

import type { FieldName } from "../bridge.js";
import type { Code } from "../errors.js";

export class Failure extends Error {
  readonly code: Code;
  readonly field: FieldName | undefined;

  constructor(code: Code, field?: FieldName) {
    super(code);
    this.code = code;
    this.field = field;
  }
}
