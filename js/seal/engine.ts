// What can be asked of the engine, in lines of text: src/wasm.rs, its other half, lists the questions and their answers.
// It wipes the engine when it breaks, and keeps nothing of what is asked or answered.

import type { Brand } from "../brands.js";
import type { Code } from "../errors.js";
import type { Change, FieldName } from "../messages.js";
import { Failure } from "./failure.js";

/** What both builds of the engine have. The memory of neither ever grows. */
export interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
}

/** How an input came to hold what it holds. */
export type Edit = "insert" | "backward" | "forward" | "replace";

/** What an input shall hold. The caret counts UTF-16 units. */
export interface Edited {
  readonly text: string;
  readonly caret: number;
}

/** What the vault's own frames may know of a field. */
export interface View {
  readonly empty: boolean;
  readonly complete: boolean;
  readonly potentiallyValid: boolean;
  /** The error the field would have if it were left now. */
  readonly error?: Code;
  /** Of the number, what it looks like; of the code, what it is a code of. */
  readonly brand?: Brand;
  /** Of the number: the networks to choose between, two or more, the issuer's preference first. */
  readonly networks?: readonly Brand[];
  /** Of the number: the network that the card is to be paid over, chosen or the only one of its own that is accepted. */
  readonly network?: Brand;
}

/** What the vault's table says of cards that begin alike; what is not known is left out. */
export interface BinFacts {
  /** The issuer's preference first. */
  readonly networks: readonly string[];
  readonly funding?: string | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | undefined;
}

/** What the merchant's page may learn of a field, as `Change` has it, but for when its error is due. */
export interface Report extends Change {
  /** The engine's own lines about what the page was told so far; the next report of the field is asked for with them. Never sent. */
  readonly told: readonly string[];
}

/** What an accepted context says about time, in Unix seconds. */
export interface Accepted {
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** The fields that must be filled in. */
  readonly required: readonly string[];
}

/** UTF-16 units of a text that the engine is given: what is longer is nothing that a field takes, and memory has an end. */
const LONGEST = 1000;

export class Core {
  #engine: { ask(question: string): string } | undefined;
  readonly #memory: Exports["memory"];

  constructor(engine: { ask(question: string): string }, memory: Exports["memory"]) {
    this.#engine = engine;
    this.#memory = memory;
  }

  /** `text` and `caret` are what the input holds after the browser applied the edit. */
  edit(field: FieldName, text: string, caret: number, edit: Edit): Edited {
    const [before, ...lines] = this.#ask("edit", field, edit, caret, text.slice(0, LONGEST));
    return { text: lines.join("\n"), caret: Number(before) };
  }

  view(field: FieldName): View {
    return viewOf(this.#ask("view", field)) as unknown as View;
  }

  /** What the page may learn, after what it was told of the field before: `told` of the last report. */
  report(field: FieldName, told: readonly string[]): Report {
    const lines = this.#ask("report", field, ...told);
    const [brands, bin, ...toldNow] = lines.slice(5);
    return {
      ...viewOf(lines),
      brands: listOf(brands),
      bin: bin || undefined,
      told: toldNow,
    } as unknown as Report;
  }

  /**
   * The number's first eight digits, to ask the vault's own `GET /v1/bins/{bin8}` for; `undefined` until they are typed, for a
   * number that may be too short to tell as many, and once `inform` answered for them.
   */
  lookup(): string | undefined {
    return this.#ask("lookup")[0] || undefined;
  }

  /** Takes the answer for these eight digits, if the number still begins with them. Fields are to be refreshed then. */
  inform(bin8: string, { networks, funding, country }: BinFacts): void {
    this.#ask("inform", bin8, networks.join(), funding, country);
  }

  /**
   * Takes the cardholder's choice among `view("number").networks`, or takes it back; one that is not among them counts as
   * none. An edit of the first eight digits and `clear` forget the choice and the answer.
   */
  prefer(network: Brand | undefined): void {
    this.#ask("prefer", network);
  }

  /** Takes the payload of a context whose signature has been verified. */
  accept(payload: Uint8Array, vault: string, merchant: string, embedder: string): Accepted {
    let claims: string;
    try {
      claims = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload);
    } catch {
      throw new Failure("context_malformed");
    }
    const [issuedAt, expiresAt, required] = this.#ask("accept", vault, merchant, embedder, claims);
    return { issuedAt: Number(issuedAt), expiresAt: Number(expiresAt), required: listOf(required) ?? [] };
  }

  /** The sealed card, as of `now` in whole Unix seconds. */
  seal(now: number): string {
    return this.#ask("seal", now).join();
  }

  /** Wipes every field; the context stays. */
  clear(): void {
    // After a trap there is nothing left to wipe.
    if (this.#engine) this.#ask("clear");
  }

  /** Throws a `Failure` with the engine's code, or `coordinator_lost` where there is no engine any more. */
  #ask(...question: readonly (string | number | undefined)[]): readonly string[] {
    if (!this.#engine) throw new Failure("coordinator_lost");
    let answer: string;
    try {
      answer = this.#engine.ask(question.join("\n"));
    } catch {
      // The engine broke off anywhere: what it held is wiped here, as it cannot do so itself any more.
      this.#engine = undefined;
      new Uint8Array(this.#memory.buffer).fill(0);
      throw new Failure("coordinator_lost");
    }
    // A code of the table that errors.ts is tested against.
    if (answer.startsWith("!")) throw new Failure(answer.slice(1) as Code);
    return answer.split("\n");
  }
}

/** What view and report answer alike; a member that is not there is undefined. The names are of the table of brands.ts. */
function viewOf([state, error, brand, network, networks]: readonly string[]): Record<string, unknown> {
  const states = Number(state);
  return {
    empty: (states & 1) > 0,
    complete: (states & 2) > 0,
    potentiallyValid: (states & 4) > 0,
    error: error || undefined,
    brand: brand || undefined,
    network: network || undefined,
    networks: listOf(networks),
  };
}

/** Each name has a comma behind it; a list that is there but empty is a comma alone. */
function listOf(names = ""): string[] | undefined {
  return names ? names.split(",").filter(Boolean) : undefined;
}
