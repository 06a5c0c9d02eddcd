// What the test vault keeps, in this process alone: cards by token, spent contexts, answers that were given.

import type { Brand } from "../../brands.js";
import type { OpenedCard } from "./card.js";

/** A card that has its token. */
export interface StoredCard extends Omit<OpenedCard, "brand"> {
  readonly id: string;
  readonly brand: Brand;
  readonly last4: string;
  readonly ref?: string;
  /** The `jti` of its context. */
  readonly context: string;
  /** Of the page that it was typed in. */
  readonly origin: string;
  readonly review: readonly string[];
  /** Unix seconds. */
  readonly createdAt: number;
}

/** An answer, and what makes another request the same as its own. */
export interface Kept {
  readonly sameness: string;
  readonly body: string;
  readonly token?: string;
}

export class Store {
  /** By token, in the order in which they were captured. */
  readonly cards = new Map<string, StoredCard>();
  readonly spent = new Set<string>();
  /** By what the key is for, and the key. */
  readonly answers = new Map<string, Kept>();
  /** How often each context's cards were refused. */
  readonly refusals = new Map<string, number>();
  /** How often each order has met each magic card. */
  readonly tries = new Map<string, number>();

  /** Deletes a card and the answers that named it. */
  delete(id: string): void {
    this.cards.delete(id);
    for (const [key, { token }] of this.answers) if (token === id) this.answers.delete(key);
  }

  clear(): void {
    for (const kept of [this.cards, this.spent, this.answers, this.refusals, this.tries]) kept.clear();
  }

  /** Counts one more. */
  static count(counts: Map<string, number>, key: string): number {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count;
  }
}
