// Custom elements over the public API: a form of hosted fields as HTML. Importing it registers them, and does nothing on a
// server. Frames stand in the light tree: browsers fill none inside a shadow root.

import { type FieldElement, makeFieldElement } from "./field-element.js";
import { FormElement } from "./form-element.js";

export type { FieldElement, FormElement };

const FIELD_ELEMENTS = {
  "card-number": makeFieldElement("number"),
  "card-expiry": makeFieldElement("expiry"),
  "card-month": makeFieldElement("month"),
  "card-year": makeFieldElement("year"),
  "card-cvc": makeFieldElement("cvc"),
  "card-name": makeFieldElement("name"),
  "card-postal-code": makeFieldElement("postal_code"),
  "card-combined": makeFieldElement("card"),
} as const;

declare global {
  interface HTMLElementTagNameMap {
    "card-form": FormElement;
    "card-number": FieldElement<"number">;
    "card-expiry": FieldElement<"expiry">;
    "card-month": FieldElement<"month">;
    "card-year": FieldElement<"year">;
    "card-cvc": FieldElement<"cvc">;
    "card-name": FieldElement<"name">;
    "card-postal-code": FieldElement<"postal_code">;
    "card-combined": FieldElement<"card">;
  }
}

if (typeof customElements !== "undefined" && !customElements.get("card-form")) {
  customElements.define("card-form", FormElement);
  for (const [tag, element] of Object.entries(FIELD_ELEMENTS)) customElements.define(tag, element);
}
