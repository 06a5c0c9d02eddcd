// Which fields a browser filled in one gesture of the cardholder. It must never hear what it filled in.

import { FIELDS, type FieldName } from "../messages.js";

/** Browsers fill one frame after the other; milliseconds after which none more is waited for. */
const LAST = 300;

/** Gives the function that takes each field; `end` is called once for each gesture, with at least one field. */
export function gather(end: (fields: readonly FieldName[]) => void): (field: FieldName) => void {
  const filled = new Set<FieldName>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (field) => {
    filled.add(field);
    clearTimeout(timer);
    timer = setTimeout(() => end(FIELDS.filter((name) => filled.delete(name))), LAST);
  };
}
