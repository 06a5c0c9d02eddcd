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
  AutofillEvent,
  BrandEvent,
  ChangeEvent,
  CoveredEvent,
  FieldEvent,
  FieldEvents,
  LoadErrorCause,
  LoadErrorEvent,
  NetworksEvent,
  ReadyEvent,
  Timings,
} from "./host/events.js";
export { createFields, type Fields } from "./host/fields.js";
export type { FieldHandle } from "./host/handle.js";
export type {
  CardOptions,
  CodeOptions,
  FieldOptions,
  MonthOptions,
  MountName,
  MountOptions,
  NumberOptions,
} from "./host/mount.js";
export type { Options, TokenizeOptions } from "./host/options.js";
export type { Style, StyleProperty, StyleState, Theme } from "./host/style.js";
export type { FieldName, Token } from "./messages.js";
