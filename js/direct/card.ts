// A card as a developer hands it over, typed into the engine. It keeps nothing of it and no error of it has a value.

import { BRANDS, type Brand } from "../brands.js";
import { type Code, refuse } from "../errors.js";
import { membersOf, one } from "../members.js";
import type { FieldName } from "../messages.js";
import type { Core } from "../seal/engine.js";
import { Failure } from "../seal/failure.js";

/** A card as it was typed. Texts may have spaces and hyphens; nothing is taken that the fields would not take. */
export interface Card {
  /** 12 to 19 digits. */
  readonly number: string;
  /** `"12/29"`, `"12 / 2029"`, `"1229"` or `"2029-12"`; or month and year apart. */
  readonly expiry: string | { readonly month: string | number; readonly year: string | number };
  /** Three or four digits, as the brand has it. */
  readonly cvc?: string | undefined;
  /** The holder's name, 120 bytes at most. */
  readonly name?: string | undefined;
  /** 16 characters at most. */
  readonly postalCode?: string | undefined;
  /** Of a card with several networks: the one that the cardholder chose. */
  readonly network?: Brand | undefined;
}

/** The security code alone, for a context of kind `"cvc"`. */
export type SecurityCode = Pick<Card, "cvc">;

/** @internal A card whose members have the right types, as inputs would hold it. */
export interface Typed {
  readonly texts: readonly (readonly [field: FieldName, text: string])[];
  readonly network: Brand | undefined;
}

/** @internal Throws `options_invalid` for what is no card, and the code of a field for a text that cannot be one of its. */
export function parseCard(card: unknown): Typed {
  const members = membersOf(card);
  const texts: [FieldName, string][] = [];
  const put = (name: string, member: unknown, field: FieldName): void => {
    if (member === undefined) return;
    if (typeof member !== "string") refuse(`\`${name}\` must be a string.`);
    const wrong = STRAY[field];
    if (wrong && !DIGITS.test(member)) throw new Failure(wrong);
    texts.push([field, member]);
  };
  const { number, expiry, cvc, name, postalCode, network, ...others } = Object.fromEntries(members);
  if (members.size === 0 || Object.keys(others).length > 0) {
    refuse("A card is { number, expiry, cvc, name, postalCode, network }.");
  }
  put("number", number, "number");
  if (typeof expiry === "object") {
    const apart = membersOf(expiry);
    for (const field of ["month", "year"] as const) {
      const member = apart.get(field);
      put(`expiry.${field}`, typeof member === "number" ? String(member) : member, field);
    }
  } else put("expiry", expiry, "expiry");
  put("cvc", cvc, "cvc");
  put("name", name, "name");
  put("postalCode", postalCode, "postal_code");
  const chosen = one(BRANDS, network);
  if (network !== undefined && !chosen) refuse("`network` must be a brand or network of this release.");
  return { texts, network: chosen };
}

/** @internal Seals a card for the context that the engine has accepted; wipes it from the engine, whatever happens. */
export function sealCard(core: Core, { texts, network }: Typed, now: number): string {
  try {
    for (const [field, text] of texts) core.edit(field, text, text.length, "replace");
    // Nobody asks the vault's table here: the choice is sealed as it was made, and the vault knows whether the card has it.
    const bin8 = network && core.lookup();
    if (network && bin8) {
      core.inform(bin8, { networks: [network, network] });
      core.prefer(network);
    }
    const sealed = core.seal(now);
    if (network && !bin8) throw new Failure("network_invalid");
    return sealed;
  } finally {
    core.clear();
  }
}

/** Digits of any script, and what stands between them. The engine passes over anything else, which a program should hear of. */
const DIGITS = /^[\p{Nd}\p{Pd}\p{Cf}\s/.]*$/u;

const STRAY: { readonly [Field in FieldName]?: Code } = {
  number: "card_number_invalid",
  expiry: "expiry_invalid",
  month: "expiry_invalid",
  year: "expiry_invalid",
  cvc: "cvc_invalid",
};
