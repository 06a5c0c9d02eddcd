// What the vault's table says of a card's first eight digits, asked once for each, and the network that follows from it. It tells
// nobody of a failure: what is not learned here the vault still knows when it gets the card.

import type { Brand } from "../brands.js";
import { membersOf } from "../members.js";
import type { BinFacts, Core } from "./core.js";

/** What the world does for a question; a test brings its own. */
export type Fetch = (address: string, request: RequestInit) => Promise<Response>;

export interface Bins {
  /** Settles once nothing is being asked, within two seconds. */
  answered(): Promise<void>;
  /** Whether this was wanted before; it is from now on. */
  wants(network: Brand | undefined): boolean;
  /** Asks about the number that the engine holds, if it has a question; the answer to the last one is remembered. */
  look(): void;
  /** Of networks to choose from one is always chosen, so that what is sealed is what the cardholder sees. */
  choose(): void;
  /** Drops the question that is under way, and the answer to the last. */
  forget(): void;
}

/** `learned` is called when the engine has learned something of the number it holds. */
export function makeBins(
  core: Pick<Core, "lookup" | "inform" | "view" | "prefer">,
  learned: () => void,
  fetch: Fetch = (address, request) => window.fetch(address, request),
): Bins {
  let asked: string | undefined;
  let facts: BinFacts | undefined;
  let wanted: Brand | undefined;
  let abort = new AbortController();
  let answered: Promise<void> = Promise.resolve();

  function choose(): void {
    const { networks } = core.view("number");
    if (networks) core.prefer(networks.find((network) => network === wanted) ?? networks[0]);
  }

  function forget(): void {
    abort.abort();
    abort = new AbortController();
    asked = undefined;
    facts = undefined;
  }

  function learn(bin: string, said: BinFacts): void {
    facts = said;
    core.inform(bin, said);
    choose();
    learned();
  }

  async function ask(bin: string, signal: AbortSignal): Promise<void> {
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
      const response = await fetch(`/v1/bins/${bin}`, request);
      const said = membersOf(response.ok ? await response.json() : undefined);
      const networks = said.get("networks");
      if (!Array.isArray(networks) || signal.aborted) return;
      const [funding, country] = ["funding", "country"].map((name) => said.get(name)?.toString());
      learn(bin, { networks, funding, country });
    } catch {
      // Blocked, offline, too late or no longer wanted. An engine that broke says so to whoever calls it next.
    }
  }

  return {
    answered: () => answered,
    choose,
    forget,
    wants: (network) => {
      const same = network === wanted;
      wanted = network;
      return same;
    },
    look: () => {
      const bin = core.lookup();
      if (!bin) return;
      if (bin !== asked) {
        forget();
        asked = bin;
        answered = ask(bin, AbortSignal.any([abort.signal, AbortSignal.timeout(TIMEOUT)]));
      } else if (facts) learn(bin, facts);
    },
  };
}

/** Milliseconds. */
const PAUSE = 100;
const TIMEOUT = 2000;
