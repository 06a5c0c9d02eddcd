// `POST /v1/tokens` of the test vault: its checks stand in the order of docs/protocol.md, before them what magic cards do.

import { createHash, randomBytes } from "node:crypto";
import { type MagicCard, magicCardOf } from "../magic.js";
import { type OpenedCard, parseCard, parseCode } from "./card.js";
import { type Claims, isFor } from "./context.js";
import { type Keys, parseSealed, type Sealed } from "./keys.js";
import { type AnswerCode, Refusal } from "./problem.js";
import { Store, type StoredCard } from "./store.js";

/** The connection breaks without an answer. */
export class Cut extends Error {}

/** What a page or frame sends. */
export interface Captured {
  readonly context: string;
  readonly sealed_card: string;
  /** The Idempotency-Key. */
  readonly key: string;
  /** What the browser says of the page. */
  readonly origin: string | null;
}

/** The body of the answer, and whether it was given before. */
export interface Tokenized {
  readonly body: string;
  readonly replayed: boolean;
}

/** Refused cards after which a context is dead. */
const MOST_REFUSALS = 10;
/** By so much two clocks may differ, in seconds. */
const SKEW = 60;

export class Tokenizer {
  constructor(
    private readonly keys: Keys,
    private readonly store: Store,
    private readonly issuer: () => string,
    private readonly now: () => number,
  ) {}

  async tokenize(request: Captured): Promise<Tokenized> {
    const magic = await this.#magic(request);
    if (magic?.does === "cut") throw new Cut();
    if (magic?.does === "refuse") throw new Refusal(magic.code as AnswerCode, undefined, magic.seconds);
    if (magic?.does === "delay") {
      await new Promise((resolve) => setTimeout(resolve, (magic.seconds ?? 0) * 1000));
    }
    const tokenized = await this.#tokenize(request);
    if (magic?.does === "lose") throw new Cut();
    return tokenized;
  }

  async #tokenize({ context, sealed_card, key, origin }: Captured): Promise<Tokenized> {
    const claims = (await this.keys.verify(context)) as unknown as Claims;
    if (claims.iss !== this.issuer()) throw new Refusal("context_issuer_mismatch");
    const allowed =
      origin === null || (claims.via === "fields" ? origin === claims.iss : claims.origins.includes(origin));
    const answers = `token ${key}`;
    const sameness = `${claims.jti} ${createHash("sha256").update(sealed_card).digest("hex")}`;
    const earlier = this.store.answers.get(answers);
    if (allowed && earlier?.sameness === sameness) return { body: earlier.body, replayed: true };
    if (!allowed) throw new Refusal("origin_not_allowed");
    if (earlier) throw new Refusal("idempotency_key_reused");
    if (this.now() >= claims.exp) throw new Refusal("context_expired");
    if (this.store.spent.has(claims.jti)) throw new Refusal("context_spent");
    if ((this.store.refusals.get(claims.jti) ?? 0) >= MOST_REFUSALS) throw new Refusal("context_exhausted");
    const stored = await this.#open(sealed_card, claims, origin).catch((thrown: unknown) => {
      Store.count(this.store.refusals, claims.jti);
      throw thrown;
    });
    // Two of the same context may have come this far at once.
    const winner = this.store.answers.get(answers);
    if (winner?.sameness === sameness) return { body: winner.body, replayed: true };
    if (this.store.spent.has(claims.jti)) throw new Refusal("context_spent");
    this.store.spent.add(claims.jti);
    this.store.cards.set(stored.id, stored);
    const { id, brand, last4, ref } = stored;
    const body = JSON.stringify({ id, object: "token", brand, last4, ...(ref !== undefined && { ref }) });
    this.store.answers.set(answers, { sameness, body, token: id });
    return { body, replayed: false };
  }

  /** The card as it is to be kept. */
  async #open(sealed_card: string, claims: Claims, origin: string | null): Promise<StoredCard> {
    const sealed = parseSealed(sealed_card);
    const { kid, ctx, org, iat } = sealed.header;
    const matches =
      kid === this.keys.published.capture.kid &&
      ctx === claims.jti &&
      isFor(claims, org) &&
      (claims.via === "fields" || origin === null || origin === org) &&
      iat >= claims.iat - SKEW &&
      iat <= this.now() + SKEW;
    if (!matches) throw new Refusal("sealed_card_mismatch");
    if (claims.kind === "cvc") return this.#withCode(sealed, claims);
    const card = parseCard(await this.keys.open(sealed), this.now());
    const brand = check(card, claims);
    return {
      ...card,
      brand,
      id: `tok_${randomBytes(20).toString("hex").slice(0, 32)}`,
      last4: card.number.slice(-4),
      ...(claims.ref !== undefined && { ref: claims.ref }),
      context: claims.jti,
      origin: org,
      review: magicCardOf(card.number)?.does === "review" ? ["magic_card"] : [],
      createdAt: this.now(),
    };
  }

  async #withCode(sealed: Sealed, { token = "" }: Claims): Promise<StoredCard> {
    const card = this.store.cards.get(token);
    if (!card) throw new Refusal("not_found", "The token that the context names is gone.");
    return { ...card, cvc: parseCode(await this.keys.open(sealed), card.brand) };
  }

  /** The magic card in a request, while its magic works on the order. */
  async #magic({ context, sealed_card }: Captured): Promise<MagicCard | undefined> {
    try {
      const claims = (await this.keys.verify(context)) as unknown as Claims;
      const { number } = parseCard(await this.keys.open(parseSealed(sealed_card)), this.now());
      const magic = magicCardOf(number);
      if (!magic) return undefined;
      const tried = Store.count(this.store.tries, `${claims.ref ?? claims.jti} ${number}`);
      return tried <= (magic.times ?? Number.POSITIVE_INFINITY) ? magic : undefined;
    } catch {
      // What is wrong with it is said in its turn.
      return undefined;
    }
  }
}

/** The brand of a card that the context accepts and that has all it asks for. */
function check({ number, brand, network, cvc, name, postalCode }: OpenedCard, claims: Claims) {
  const { brands, bins, deny_bins, fields } = claims;
  const refuse = (code: AnswerCode): never => {
    throw new Refusal(code);
  };
  if (brand && brands.length > 0 && !brands.includes(brand)) refuse("brand_not_accepted");
  const begins = (list: readonly string[]): boolean => list.some((bin) => number.startsWith(bin));
  if ((bins && !begins(bins)) || (deny_bins && begins(deny_bins))) refuse("card_not_accepted");
  if (network !== undefined && network !== brand) refuse("network_invalid");
  if (fields.includes("cvc") && cvc === undefined) refuse("cvc_incomplete");
  if (fields.includes("name") && name === undefined) refuse("name_invalid");
  if (fields.includes("postal_code") && postalCode === undefined) refuse("postal_code_invalid");
  return brand ?? refuse("test_card_required");
}
