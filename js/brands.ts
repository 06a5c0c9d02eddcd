// The brands that a page can hear of, by the engine's names.

/** Brands and networks that this release knows; last the networks that cards of other brands carry besides their own. */
export const BRANDS = [
  "visa",
  "mastercard",
  "american-express",
  "diners-club",
  "discover",
  "troy",
  "jcb",
  "unionpay",
  "naranja",
  "verve",
  "rupay",
  "maestro",
  "elo",
  "mir",
  "hiper",
  "hipercard",
  "cartes-bancaires",
  "bancontact",
  "dankort",
  "girocard",
  "eftpos-australia",
] as const;
/** A card's brand, or a network that it can be paid over. */
export type Brand = (typeof BRANDS)[number];
