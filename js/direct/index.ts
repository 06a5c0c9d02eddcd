// What a page with inputs of its own, or a program, imports to seal cards. Only re-exports: importing it does nothing.

export type { Brand } from "../brands.js";
export {
  type Blame,
  CardsealError,
  type Code,
  type ErrorDetails,
  type ErrorField,
  type InputCode,
} from "../errors.js";
export type { Token } from "../messages.js";
export type { Card, SecurityCode } from "./card.js";
export { createSealer, type SealedCard, type Sealer, type SealerOptions } from "./sealer.js";
