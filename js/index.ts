// What a merchant imports. Only re-exports: importing it has no effect on the page.

export type { Brand } from "./brands.js";
export {
  type BackendCode,
  type Blame,
  CardsealError,
  type Code,
  type ErrorDetails,
  type ErrorField,
  type InputCode,
} from "./errors.js";
export type {
  BrandEvent,
  ChangeEvent,
  FieldEvent,
  FieldEvents,
  LoadErrorCause,
  LoadErrorEvent,
  ReadyEvent,
  Timings,
} from "./host/events.js";
export type { FieldHandle } from "./host/field.js";
export { createFields, type Fields } from "./host/fields.js";
export type { FieldOptions, Options, TokenizeOptions } from "./host/options.js";
export type { Style, StyleProperty, StyleState, Theme } from "./host/style.js";
export type { FieldName, Token } from "./messages.js";
