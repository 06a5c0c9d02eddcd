// What every kit knows of hosted fields: which frame has which, and what of a card goes where. It must touch no page.

import type { FieldName } from "../messages.js";
import type { TestCard } from "./cards.js";

/** A frame's address says what it has: `/f/{merchant}/{release}/{field}`, or a card's fields behind the `#`. */
export function hasField(address: string, field: FieldName): boolean {
  const [, kind, fields = ""] = /\/f\/[\w-]+\/[\w.+-]+\/([a-z_]+)[^#]*#?(.*)$/.exec(address) ?? [];
  return kind === field || (kind === "card" && fields.split(",").includes(field));
}

/** What to type into which field, in the order of a checkout; the expiry in two halves where month and year are apart. */
export function typed(card: TestCard, apart: boolean): (readonly [FieldName, string])[] {
  const { number, expiry, cvc, name, postalCode } = card;
  const dates: [FieldName, string | undefined][] = apart
    ? [
        ["month", expiry?.slice(0, 2)],
        ["year", expiry?.slice(-2)],
      ]
    : [["expiry", expiry]];
  const all: [FieldName, string | undefined][] = [
    ["number", number],
    ...dates,
    ["cvc", cvc],
    ["name", name],
    ["postal_code", postalCode],
  ];
  return all.flatMap(([field, text]) => (text === undefined ? [] : [[field, text] as const]));
}

/** What a list of months or years has for what would be typed: years are there in full. */
export function listed(field: FieldName, text: string): string {
  return field === "year" ? `20${text}` : text;
}
