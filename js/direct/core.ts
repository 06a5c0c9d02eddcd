// BOUNDARY 1b: in direct mode, the only import of the Wasm package. It starts the engine when it is first asked for, and
// asks nothing of it.

import * as glue from "../../dist/wasm/cardseal_bg.js";
import engine from "../../dist/wasm/cardseal_bg.wasm";
import { Core, type Exports } from "../seal/engine.js";
import { Failure } from "../seal/failure.js";

/** Put in by the build: whether it is the one for Node, in which the import above is the engine in base64. */
declare const CARDSEAL_NODE: boolean;
/** `sha384-…` of the engine, and where the one that is translated to JavaScript is. */
declare const CARDSEAL_ENGINE_INTEGRITY: string;
declare const CARDSEAL_TRANSLATED: string;

const IMPORTS = { "./cardseal_bg.js": glue as unknown as WebAssembly.ModuleImports };

/** One for all: each seal is one call without a pause, and wipes what it left. */
let started: Promise<Core> | undefined;

/** The engine, started at the first call. Rejects with `network_failed`, or `wasm_unavailable` if it does not start. */
export function startCore(): Promise<Core> {
  started ??= start().catch((failure) => {
    started = undefined;
    throw failure;
  });
  return started;
}

/** Forgets an engine that broke: the next call starts another. */
export function dropCore(): void {
  started = undefined;
}

async function start(): Promise<Core> {
  const exports = await (CARDSEAL_NODE ? inlined() : fetched().catch(translated));
  try {
    glue.__wbg_set_wasm(exports);
    return new Core(new glue.CardForm(Date.now() / 1000), exports.memory);
  } catch {
    throw new Failure("wasm_unavailable");
  }
}

async function inlined(): Promise<Exports> {
  // The bundler makes the import a text, whatever the declaration beside it says.
  return compiled(Uint8Array.from(atob(String(engine)), (char) => char.charCodeAt(0)));
}

/** Written so that every bundler sees a file to bring along. */
async function fetched(): Promise<Exports> {
  const answer = await fetch(new URL("./engine.wasm", import.meta.url), {
    integrity: CARDSEAL_ENGINE_INTEGRITY,
  });
  // Not streamed: a server may not know the media type, and it is small.
  return compiled(await answer.arrayBuffer());
}

async function compiled(bytes: BufferSource): Promise<Exports> {
  const { instance } = await WebAssembly.instantiate(bytes, IMPORTS);
  return instance.exports as unknown as Exports;
}

/** Where there is no WebAssembly, or the bundler left its file behind: the same engine, only slower. */
async function translated(): Promise<Exports> {
  const script = await import(CARDSEAL_TRANSLATED).catch(() => {
    throw new Failure("network_failed");
  });
  return script.translated(IMPORTS);
}
