// Which fields a browser filled in one gesture of the cardholder. It must never hear what it filled in.

import { FIELDS, type FieldName } from "../messages.js";

/** Browsers fill one frame after the other; milliseconds after which none more is waited for. */
const LAST = 300;

export class Gesture {
  readonly #fields = new Set<FieldName>();
  readonly #end: (fields: readonly FieldName[]) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `end` is called once for each gesture, with at least one field. */
  constructor(end: (fields: readonly FieldName[]) => void) {
    this.#end = end;
  }

  add(field: FieldName): void {
    this.#fields.add(field);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(FIELDS.filter((name) => this.#fields.delete(name))), LAST);
  }
}
