// What the vault's table says of a card's first eight digits, asked once for each, and the network that follows from it. It tells
// nobody of a failure: what is not learned here the vault still knows when it gets the card.

import type { Brand } from "../brands.js";
import { membersOf } from "../members.js";
import type { BinFacts, Core } from "./core.js";

/** What the world does for a question; a test brings its own. */
export type Fetch = (address: string, request: RequestInit) => Promise<Response>;

export class Bins {
  readonly #core: Pick<Core, "lookup" | "inform" | "view" | "prefer">;
  readonly #learned: () => void;
  readonly #fetch: Fetch;
  #asked: string | undefined;
  #facts: BinFacts | undefined;
  #wanted: Brand | undefined;
  #abort = new AbortController();
  #answered: Promise<void> = Promise.resolve();

  /** `learned` is called when the engine has learned something of the number it holds. */
  constructor(
    core: Pick<Core, "lookup" | "inform" | "view" | "prefer">,
    learned: () => void,
    fetch: Fetch = (address, request) => window.fetch(address, request),
  ) {
    this.#core = core;
    this.#learned = learned;
    this.#fetch = fetch;
  }

  /** Settles once nothing is being asked, within two seconds. */
  get answered(): Promise<void> {
    return this.#answered;
  }

  /** Whether this was wanted before; it is from now on. */
  wants(network: Brand | undefined): boolean {
    const wanted = network === this.#wanted;
    this.#wanted = network;
    return wanted;
  }

  /** Asks about the number that the engine holds, if it has a question; the answer to the last one is remembered. */
  look(): void {
    const bin = this.#core.lookup();
    if (!bin) return;
    if (bin !== this.#asked) {
      this.forget();
      this.#asked = bin;
      this.#answered = this.#ask(bin, AbortSignal.any([this.#abort.signal, AbortSignal.timeout(TIMEOUT)]));
    } else if (this.#facts) this.#learn(bin, this.#facts);
  }

  /** Of networks to choose from one is always chosen, so that what is sealed is what the cardholder sees. */
  choose(): void {
    const { networks } = this.#core.view("number");
    if (networks) this.#core.prefer(networks.find((network) => network === this.#wanted) ?? networks[0]);
  }

  /** Drops the question that is under way, and the answer to the last. */
  forget(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#asked = undefined;
    this.#facts = undefined;
  }

  #learn(bin: string, facts: BinFacts): void {
    this.#facts = facts;
    this.#core.inform(bin, facts);
    this.choose();
    this.#learned();
  }

  async #ask(bin: string, signal: AbortSignal): Promise<void> {
    try {
      // Whoever corrects digits changes them one by one.
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      signal.throwIfAborted();
      const request: RequestInit = {
        signal,
        credentials: "omit",
        referrerPolicy: "no-referrer",
        redirect: "error",
        // The address has digits of the card, and a cache keeps addresses on disk.
        cache: "no-store",
      };
      const response = await this.#fetch(`/v1/bins/${bin}`, request);
      const said = membersOf(response.ok ? await response.json() : undefined);
      const networks = said.get("networks");
      if (!Array.isArray(networks) || signal.aborted) return;
      const [funding, country] = ["funding", "country"].map((name) => said.get(name)?.toString());
      this.#learn(bin, { networks, funding, country });
    } catch {
      // Blocked, offline, too late or no longer wanted. An engine that broke says so to whoever calls it next.
    }
  }
}

/** Milliseconds. */
const PAUSE = 100;
const TIMEOUT = 2000;
