// The magic cards: with each of these numbers a sandbox, and the test vault, does what goes wrong in the world. A test
// compares them with the sandbox's own table, sandbox/src/magic.csv.

import type { BackendCode, Code } from "../errors.js";
import type { TestCard } from "./cards.js";

/** A card and what comes of it. */
export interface MagicCard extends TestCard {
  readonly expiry: string;
  readonly cvc: string;
  /**
   * `"refuse"`: the vault answers with `code`. `"delay"`: it answers late. `"cut"`: the connection breaks before the vault
   * has heard anything. `"lose"`: the vault makes the token, and the connection breaks before its answer has come.
   * `"review"`: the token's `review` says to look at the order. `"decline"`: there is a token, and the sandbox's test processor
   * declines it with `code`.
   */
  readonly does: "refuse" | "delay" | "cut" | "lose" | "review" | "decline";
  readonly code?: Code | BackendCode | DeclineCode;
  /** For how many requests of an order, which are those of contexts with one `ref`; for all of them if left out. */
  readonly times?: number;
  /** How long a delay takes, or who is refused is told to wait. */
  readonly seconds?: number;
}

/** Why the sandbox's test processor declines. */
export type DeclineCode =
  | "card_declined"
  | "insufficient_funds"
  | "lost_card"
  | "stolen_card"
  | "expired_card"
  | "incorrect_cvc"
  | "processing_error";

const magic = (
  number: string,
  does: MagicCard["does"],
  more: Pick<MagicCard, "code" | "times" | "seconds"> = {},
): MagicCard => ({ number, expiry: "1239", cvc: "123", does, ...more });

/** Every magic card, by what it is for. */
export const MAGIC_CARDS = {
  declined: magic("4000000000000002", "decline", { code: "card_declined" }),
  insufficientFunds: magic("4000000000009995", "decline", { code: "insufficient_funds" }),
  lostCard: magic("4000000000009987", "decline", { code: "lost_card" }),
  stolenCard: magic("4000000000009979", "decline", { code: "stolen_card" }),
  expiredCard: magic("4000000000000069", "decline", { code: "expired_card" }),
  incorrectCvc: magic("4000000000000127", "decline", { code: "incorrect_cvc" }),
  processingError: magic("4000000000000119", "decline", { code: "processing_error" }),
  cardRefused: magic("4100000000000019", "refuse", { code: "card_refused" }),
  review: magic("4000000000009235", "review"),
  cardNotAccepted: magic("4000000000003063", "refuse", { code: "card_not_accepted" }),
  expiryPast: magic("4000000000003097", "refuse", { code: "expiry_past" }),
  contextExpired: magic("4000000000003055", "refuse", { code: "context_expired", times: 1 }),
  rateLimited: magic("4000000000000010", "refuse", { code: "rate_limited", seconds: 60 }),
  rateLimitedOnce: magic("4000000000000028", "refuse", { code: "rate_limited", times: 1, seconds: 1 }),
  busy: magic("4000000000000036", "refuse", { code: "busy", seconds: 1 }),
  busyTwice: magic("4000000000000044", "refuse", { code: "busy", times: 2, seconds: 1 }),
  internalOnce: magic("4000000000003220", "refuse", { code: "internal", times: 1 }),
  slow: magic("4000000000000077", "delay", { seconds: 3 }),
  stalledOnce: magic("4000000000000093", "delay", { times: 1, seconds: 15 }),
  cut: magic("4000000000001976", "cut"),
  cutOnce: magic("4000000000000101", "cut", { times: 1 }),
  cutFourTimes: magic("4000000000000259", "cut", { times: 4 }),
  answerLost: magic("4000000000002685", "lose", { times: 1 }),
} as const satisfies Record<string, MagicCard>;

/** The magic card with this number. */
export function magicCardOf(number: string): MagicCard | undefined {
  return Object.values(MAGIC_CARDS).find((card) => card.number === number);
}
