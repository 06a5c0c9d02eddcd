// BOUNDARY 1b: the only import of the Wasm package. It starts the engine, maps its errors and wipes it when it breaks.

import { CardForm, initSync } from "../../dist/wasm/cardseal.js";
import engine from "../../dist/wasm/cardseal_bg.wasm";
import type { Code } from "../errors.js";
import type { Change, FieldName } from "../messages.js";
import { Failure } from "./failure.js";

/** `sha384-…` of the engine, put in by the build. */
declare const CARDSEAL_ENGINE_INTEGRITY: string;

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
}

/** What the merchant's page may learn of a field, as `Change` has it, but for when its error is due. */
export interface Report extends Change {
  /** What the page was told so far excludes these brands: the next report of the field is asked for with it. */
  readonly excluded: number;
}

/** What an accepted context says about time, in Unix seconds. */
export interface Accepted {
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** The fields that must be filled in. */
  readonly required: readonly string[];
}

/** Loads and starts the engine. Nothing else starts it, and nothing can be asked of it before. */
export async function startCore(): Promise<Core> {
  try {
    // The bundler makes the import the address of the asset, whatever the declaration beside it says.
    const answer = await fetch(String(engine), { integrity: CARDSEAL_ENGINE_INTEGRITY }).catch(() => {
      throw new Failure("network_failed");
    });
    const module = await WebAssembly.compileStreaming(answer);
    const { memory } = initSync({ module });
    const today = new Date();
    return new Core(new CardForm(today.getFullYear(), today.getMonth() + 1), memory);
  } catch (thrown) {
    throw thrown instanceof Failure ? thrown : new Failure("wasm_unavailable");
  }
}

export class Core {
  #form: CardForm | undefined;
  readonly #memory: WebAssembly.Memory;

  constructor(form: CardForm, memory: WebAssembly.Memory) {
    this.#form = form;
    this.#memory = memory;
  }

  /** `text` and `caret` are what the input holds after the browser applied the edit. */
  edit(field: FieldName, text: string, caret: number, edit: Edit): Edited {
    return this.#call((form) => form.edit(field, text, caret, edit));
  }

  view(field: FieldName): View {
    return this.#call((form) => form.view(field));
  }

  /** What the page may learn, after what it was told of the field before: `excluded` of the last report, `bin` of any. */
  report(field: FieldName, excluded: number, bin: string | undefined): Report {
    return this.#call((form) => form.report(field, excluded, bin));
  }

  /** Takes the payload of a context whose signature has been verified. */
  accept(payload: Uint8Array, vault: string, merchant: string, embedder: string): Accepted {
    return this.#call((form) => form.accept(payload, vault, merchant, embedder));
  }

  /** The sealed card, as of `now` in Unix seconds. */
  seal(now: number): string {
    return this.#call((form) => form.seal(now));
  }

  /** Wipes every field; the context stays. */
  clear(): void {
    // After a trap there is nothing left to wipe.
    if (this.#form) this.#call((form) => form.clear());
  }

  #call<T>(run: (form: CardForm) => T): T {
    if (!this.#form) throw new Failure("coordinator_lost");
    try {
      return run(this.#form);
    } catch (thrown) {
      const code = codeOf(thrown);
      if (code) throw new Failure(code);
      // The engine broke off anywhere: what it held is wiped here, as it cannot do so itself any more.
      this.#form = undefined;
      new Uint8Array(this.#memory.buffer).fill(0);
      throw new Failure("coordinator_lost");
    }
  }
}

/** The engine's errors are `{ code }`, from the table that errors.ts is tested against; anything else is a trap. */
function codeOf(thrown: unknown): Code | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? (thrown.code as Code) : undefined;
}
