// The brands that a page can hear of, by the engine's names.

/** Brands that this release knows. */
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
] as const;
/** A card's brand. */
export type Brand = (typeof BRANDS)[number];
