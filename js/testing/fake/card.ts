// The rules of a card that was opened, as far as published test cards need them: the test vault knows a brand by its list,
// not by ranges of numbers.

import type { Brand } from "../../brands.js";
import { brandOf } from "../published.js";
import { Refusal } from "./problem.js";

/** What a sealed card held. */
export interface OpenedCard {
  readonly number: string;
  /** None of a number that nobody published. */
  readonly brand: Brand | undefined;
  readonly expMonth: number;
  readonly expYear: number;
  readonly cvc?: string;
  readonly name?: string;
  readonly postalCode?: string;
  readonly network?: string;
}

/** A card's plaintext, or the code of the first rule that it breaks. */
export function parseCard(plaintext: Uint8Array, now: number): OpenedCard {
  const members = membersOf(plaintext, "card", MEMBERS);
  const { number, exp_month: expMonth, exp_year: expYear, cvc, name, postal_code, network } = members;
  if (typeof number !== "string" || !isCount(expMonth) || !isCount(expYear)) refuse("sealed_card_rejected");
  const brand = brandOf(number);
  if (!brand) checkNumber(number);
  checkExpiry(expMonth, expYear, now);
  if (cvc !== undefined) checkCode(text(cvc), brand);
  const card: OpenedCard = { number, brand, expMonth, expYear };
  return Object.assign(
    card,
    cvc !== undefined && { cvc: text(cvc) },
    name !== undefined && { name: parseName(text(name)) },
    postal_code !== undefined && { postalCode: parsePostalCode(text(postal_code)) },
    network !== undefined && { network: text(network) },
  );
}

/** The security code alone of a card of this brand. */
export function parseCode(plaintext: Uint8Array, brand: Brand): string {
  const { cvc } = membersOf(plaintext, "cvc", ["v", "kind", "cvc"]);
  if (typeof cvc !== "string") refuse("sealed_card_rejected");
  checkCode(cvc, brand);
  return cvc;
}

const MEMBERS = [
  "v",
  "kind",
  "number",
  "exp_month",
  "exp_year",
  "cvc",
  "name",
  "postal_code",
  "network",
] as const;
/** How far ahead a card can expire. */
const YEARS_AHEAD = 20;

function membersOf<Name extends string>(
  plaintext: Uint8Array,
  kind: string,
  known: readonly Name[],
): Partial<Record<Name, unknown>> {
  let members: unknown;
  try {
    members = JSON.parse(Buffer.from(plaintext).toString());
  } catch {
    refuse("sealed_card_rejected");
  }
  const object = Object(members) as Partial<Record<string, unknown>>;
  const closed = Object.keys(object).every((name) => known.includes(name as Name));
  if (object.v !== 1 || object.kind !== kind || !closed) refuse("sealed_card_rejected");
  return object as Partial<Record<Name, unknown>>;
}

function checkNumber(number: string): void {
  if (!/^\d+$/.test(number) || number.length > 19) refuse("card_number_invalid");
  if (number.length < 12) refuse("card_number_incomplete");
  // ISO/IEC 7812-1 annex B.
  const sum = [...number].reverse().reduce((sum, digit, at) => {
    const twice = Number(digit) * (1 + (at % 2));
    return sum + (twice > 9 ? twice - 9 : twice);
  }, 0);
  if (sum % 10 !== 0) refuse("card_number_invalid");
}

function checkExpiry(month: number, year: number, now: number): void {
  if (month < 1 || month > 12 || year < 1000 || year > 9999) refuse("expiry_invalid");
  // A month lasts until it has ended in the last time zone, UTC-12.
  const today = new Date((now - 43_200) * 1000);
  const months = (year - today.getUTCFullYear()) * 12 + month - 1 - today.getUTCMonth();
  if (months < 0) refuse("expiry_past");
  if (months > YEARS_AHEAD * 12) refuse("expiry_too_far");
}

function checkCode(code: string, brand: Brand | undefined): void {
  if (code === "") refuse("cvc_incomplete");
  if (!/^\d+$/.test(code)) refuse("cvc_invalid");
  const length = brand === "american-express" ? 4 : 3;
  if (brand && code.length < length) refuse("cvc_incomplete");
  if (brand && code.length > length) refuse("cvc_invalid");
}

function parseName(written: string): string {
  const name = written.replace(/^ +| +$/g, "");
  const plain = name.trim() !== "" && !/\p{Cc}/u.test(name) && Buffer.byteLength(name) <= 120;
  return plain && (name.match(/\d/g) ?? []).length < 8 ? name : refuse("name_invalid");
}

function parsePostalCode(written: string): string {
  const code = written.replace(/^ +| +$/g, "");
  const plain = /^[A-Za-z0-9 -]{1,16}$/.test(code);
  return plain && (code.match(/\d/g) ?? []).length < 12 ? code : refuse("postal_code_invalid");
}

function text(value: unknown): string {
  return typeof value === "string" ? value : refuse("sealed_card_rejected");
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function refuse(code: Refusal["code"]): never {
  throw new Refusal(code);
}
