// Mirrors: inputs that nobody sees or reaches, for a browser that fills one document to put in what belongs into other frames.
// They must never keep anything: what comes goes on within the vault's origin, and is gone before anyone can look.

import type { FieldName } from "../messages.js";
import { AUTOCOMPLETE } from "./input.js";

const mirrors = document.createElement("span");
mirrors.className = "mirrors";
mirrors.ariaHidden = "true";

/** From now on these fields have mirrors here; `give` gets what is put into one. */
export function mirror(fields: readonly FieldName[], give: (field: FieldName, text: string) => void): void {
  const inputs = fields.map((field) => {
    const input = document.createElement("input");
    input.autocomplete = AUTOCOMPLETE[field];
    // Else it could be filled in with more digits of the year than the field, which would show first one and then the other.
    if (field === "expiry") input.placeholder = "MM / YY";
    input.tabIndex = -1;
    input.addEventListener("input", () => {
      const { value } = input;
      input.value = "";
      if (!value) return;
      give(field, value);
      // Chromium fills nothing in twice, unless a script has changed it since.
      setTimeout(() => {
        input.value = " ";
        input.value = "";
      });
    });
    return input;
  });
  mirrors.replaceChildren(...inputs);
  document.body.append(mirrors);
}
