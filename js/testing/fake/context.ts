// What a backend asks a capture context for, and the claims that it gets: the rules of the vault's own interface, for a
// merchant of whom the test vault knows no more than the origins.

import { BRANDS } from "../../brands.js";
import { Refusal } from "./problem.js";
import type { StoredCard } from "./store.js";

/** The body of `POST /v1/capture-contexts`. */
export type ContextRequest = Readonly<Record<string, unknown>>;

/** What a context says; docs/protocol.md section 1. */
export interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
  readonly origins: readonly string[];
  readonly via: "fields" | "direct";
  readonly kind: "card" | "cvc";
  readonly brands: readonly string[];
  readonly bins?: readonly string[];
  readonly deny_bins?: readonly string[];
  readonly fields: readonly string[];
  readonly token?: string;
  readonly ref?: string;
}

/** For how long a context is good, in seconds. */
export const LIFE = 900;

/** The claims that a request asks for, without those that say by whom, when and to which key. */
export function asked(
  request: ContextRequest,
  registered: readonly string[],
  find: (token: unknown) => StoredCard,
): Omit<Claims, "iss" | "sub" | "jti" | "iat" | "exp"> {
  if (!isRequest(request)) throw new Refusal("body_malformed");
  const via = request.via ?? "fields";
  if (via !== "fields" && via !== "direct") invalid("via must be `fields` or `direct`.");
  const origins = request.origins;
  if (origins.length === 0 && via === "fields") invalid("origins must name 1 to 20 different origins.");
  if (origins.length > 20 || repeats(origins)) invalid("origins must name 20 different origins at most.");
  if (!origins.every(isOrigin)) invalid("origins must be written like https://shop.example, without a path.");
  if (!origins.every((origin) => registered.includes(origin))) throw new Refusal("origin_not_registered");
  const { ref, kind = "card", token } = request;
  if (ref !== undefined && !isReference(ref))
    invalid("ref must be 1 to 200 bytes without control characters.");
  checkFacts(request);
  if (!(kind === "card" && token === undefined) && !(kind === "cvc" && token !== undefined)) {
    invalid("kind must be `card`, without a token, or `cvc`, with one.");
  }
  if (kind === "cvc") {
    if (OF_A_CARD.some((name) => request[name] !== undefined)) {
      invalid("kind `cvc` takes origins, via and token alone: the token has the rest.");
    }
    const card = find(token);
    return { origins, via, kind, brands: [card.brand], fields: ["cvc"], token: card.id };
  }
  return {
    origins,
    via,
    kind,
    ...accepted(request),
    fields: fieldsOf(request.fields ?? ["number", "expiry", "cvc"]),
    ...(ref !== undefined && { ref }),
  };
}

/** Whether a card may be sealed from this origin; where none is listed, the vault's own stands for a program. */
export function isFor({ origins, iss }: Claims, origin: string): boolean {
  return origins.length === 0 ? origin === iss : origins.includes(origin);
}

/** What the page may see while a card is typed. */
export function exposed({ expose, kind }: ContextRequest): readonly string[] {
  if (kind === "cvc") return [];
  const names = (expose ?? ["brand"]) as readonly string[];
  const fine = names.every((name) => name === "brand" || name === "bin") && !repeats(names);
  return fine ? names : invalid("expose may name `brand` and `bin`, each once.");
}

interface Request extends ContextRequest {
  readonly origins: readonly string[];
  readonly via?: string;
  readonly kind?: string;
  readonly token?: string;
  readonly ref?: string;
  readonly brands?: readonly string[];
  readonly bins?: readonly string[];
  readonly deny_bins?: readonly string[];
  readonly fields?: readonly string[];
}

const LISTS = [
  "expose",
  "brands",
  "bins",
  "deny_bins",
  "funding",
  "countries",
  "deny_countries",
  "fields",
] as const;
const TEXTS = ["kind", "token", "via", "ref", "shipping_country"] as const;
/** What a context for a security code alone does not take. */
const OF_A_CARD = [...LISTS, "ref", "amount", "shipping_country"];

/** Whether every member is a known one of its type. */
function isRequest(request: ContextRequest): request is Request {
  const isList = (value: unknown): boolean =>
    Array.isArray(value) && value.every((member) => typeof member === "string");
  return (
    isList(request.origins) &&
    Object.entries(request).every(([name, value]) => {
      if (name === "origins" || (LISTS as readonly string[]).includes(name)) return isList(value);
      if ((TEXTS as readonly string[]).includes(name)) return typeof value === "string";
      return name === "amount" && isAmount(value);
    })
  );
}

function isAmount(value: unknown): boolean {
  const { value: amount, currency, ...more } = Object(value) as Record<string, unknown>;
  return (
    Number.isSafeInteger(amount) &&
    (amount as number) >= 0 &&
    typeof currency === "string" &&
    Object.keys(more).length === 0
  );
}

function checkFacts({ amount, shipping_country: country }: ContextRequest): void {
  const { value = 0, currency = "EUR" } = Object(amount) as { value?: number; currency?: string };
  if (value > 999_999_999_999)
    invalid("amount.value must be 0 to 999999999999, in the currency's minor unit.");
  if (!Intl.supportedValuesOf("currency").includes(currency)) {
    invalid("amount.currency must be an ISO 4217 code like EUR.");
  }
  if (country !== undefined && !/^[A-Z]{2}$/.test(String(country))) {
    invalid("shipping_country must be an ISO 3166-1 alpha-2 code like DE.");
  }
}

function accepted(request: Request): Pick<Claims, "brands" | "bins" | "deny_bins"> {
  const { brands = [], bins, deny_bins, funding, countries, deny_countries } = request;
  if (funding || countries || deny_countries) {
    invalid("funding, countries and deny_countries need a table of BINs, and the test vault has none.");
  }
  const known = brands.every((name) => (BRANDS as readonly string[]).includes(name));
  if (request.brands && (brands.length === 0 || repeats(brands) || !known)) {
    invalid("brands must name at least one brand, each once; leave it out to accept all.");
  }
  const begins = (list: readonly string[] | undefined, most: number): boolean =>
    list === undefined ||
    (list.length > 0 &&
      list.length <= 250 &&
      !repeats(list) &&
      list.every((text) => /^\d+$/.test(text) && text.length <= most));
  if (!begins(bins, 6)) invalid("bins must name 1 to 250 different beginnings of numbers, of 1 to 6 digits.");
  if (!begins(deny_bins, 8)) {
    invalid("deny_bins must name 1 to 250 different beginnings of numbers, of 1 to 8 digits.");
  }
  return { brands, ...(bins && { bins }), ...(deny_bins && { deny_bins }) };
}

function fieldsOf(names: readonly string[]): readonly string[] {
  if (!names.every((name) => ["number", "expiry", "cvc", "name", "postal_code"].includes(name))) {
    invalid("fields may name `number`, `expiry`, `cvc`, `name` and `postal_code` only.");
  }
  return repeats(names) || !names.includes("number") || !names.includes("expiry")
    ? invalid("fields must name `number` and `expiry`, and each field once.")
    : names;
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;
}

function isReference(text: string): boolean {
  return text !== "" && Buffer.byteLength(text) <= 200 && !/\p{Cc}/u.test(text);
}

function repeats(names: readonly string[]): boolean {
  return new Set(names).size !== names.length;
}

function invalid(because: string): never {
  throw new Refusal("options_invalid", because);
}
