// BOUNDARY 1b: the only import of the Wasm package. It starts the engine, and asks nothing of it.

import * as glue from "../../dist/wasm/cardseal_bg.js";
import engine from "../../dist/wasm/cardseal_bg.wasm";
import { Core, type Exports } from "../seal/engine.js";
import { Failure } from "../seal/failure.js";

export type { BinFacts, Core, Edit, Edited, Report, View } from "../seal/engine.js";

/** Put in by the build: `sha384-…` of the engine, and where the one that is translated to JavaScript is, with its own. */
declare const CARDSEAL_ENGINE_INTEGRITY: string;
declare const CARDSEAL_TRANSLATED: string;
declare const CARDSEAL_TRANSLATED_INTEGRITY: string;

const IMPORTS = { "./cardseal_bg.js": glue as unknown as WebAssembly.ModuleImports };

/**
 * Loads and starts the engine: translated to JavaScript where WebAssembly is missing or refused. Nothing else starts it,
 * and nothing can be asked of it before. Rejects with `network_failed`, or `wasm_unavailable` if neither starts.
 */
export async function startCore(): Promise<Core> {
  // The bundler makes the import the address of the asset, whatever the declaration beside it says.
  const answer = await fetch(String(engine), { integrity: CARDSEAL_ENGINE_INTEGRITY }).catch(() => {
    throw new Failure("network_failed");
  });
  try {
    const exports = await compiled(answer).catch(translated);
    glue.__wbg_set_wasm(exports);
    return new Core(new glue.CardForm(Date.now() / 1000), exports.memory);
  } catch {
    throw new Failure("wasm_unavailable");
  }
}

async function compiled(answer: Response): Promise<Exports> {
  const { instance } = await WebAssembly.instantiateStreaming(answer, IMPORTS);
  return instance.exports as unknown as Exports;
}

/** import() checks no integrity: it finds what was loaded before it, with one. */
async function translated(): Promise<Exports> {
  const link = document.createElement("link");
  if (link.relList.supports("modulepreload")) {
    await new Promise((resolve, reject) => {
      Object.assign(link, {
        rel: "modulepreload",
        href: CARDSEAL_TRANSLATED,
        integrity: CARDSEAL_TRANSLATED_INTEGRITY,
        onload: resolve,
        onerror: reject,
      });
      document.head.append(link);
    });
  }
  return (await import(CARDSEAL_TRANSLATED)).translated(IMPORTS);
}
