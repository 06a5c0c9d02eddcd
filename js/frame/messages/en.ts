// What the cardholder reads in a field, in English.

import type { FieldName } from "../../bridge.js";
import { INPUT } from "../../errors.js";

/** The texts of one language. */
export interface Messages {
  readonly fields: Readonly<Record<FieldName, { readonly label: string; readonly placeholder: string }>>;
  readonly errors: Readonly<Record<string, string>>;
}

export const en: Messages = {
  fields: {
    number: { label: "Card number", placeholder: "1234 1234 1234 1234" },
    expiry: { label: "Expiry date", placeholder: "MM / YY" },
    cvc: { label: "Security code", placeholder: "CVC" },
  },
  errors: INPUT,
};
