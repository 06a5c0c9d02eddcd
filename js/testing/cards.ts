// Published test cards, by brand, as a sandbox takes them. None of them can be charged.

/** What a test types. */
export interface TestCard {
  readonly number: string;
  /** As typed, such as `"1230"`. */
  readonly expiry?: string;
  readonly cvc?: string;
  readonly name?: string;
  readonly postalCode?: string;
}

const card = (number: string, cvc = "123"): Required<Pick<TestCard, "number" | "expiry" | "cvc">> => ({
  number,
  // As far ahead as any card's, so that no test expires before the next decade.
  expiry: "1239",
  cvc,
});

/** One card of each of the common brands, and a co-badged one. */
export const TEST_CARDS = {
  visa: card("4242424242424242"),
  mastercard: card("5555555555554444"),
  americanExpress: card("378282246310005", "1234"),
  dinersClub: card("36227206271667"),
  discover: card("6011111111111117"),
  jcb: card("3566002020360505"),
  unionpay: card("6205500000000000004"),
  /** Over Cartes Bancaires or Visa: the cardholder can choose. */
  cartesBancairesVisa: card("4000002500001001"),
} as const;
