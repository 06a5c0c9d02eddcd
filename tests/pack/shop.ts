// A consumer as a shop: addressed to a sandbox of its own, built with its own tools, and served as its stack serves.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Sandbox } from "../e2e/sandbox.ts";
import { freePort, INSTALLED, PLACE, run, Server } from "./place.ts";

/** What of a consumer the backend on Node serves, or the program of its own that serves it. */
export type Serves = string | ((port: string) => readonly string[]);

/** A shop that is open. */
export interface Shop {
  readonly origin: string;
  readonly sandbox: Sandbox;
  /** Its page, as it was served. */
  readonly html: string;
}

/** Opens the shop of a consumer for as long as it is used. */
export async function inShop(
  name: string,
  serves: Serves,
  use: (shop: Shop) => Promise<void>,
): Promise<void> {
  const port = String(await freePort());
  const origin = `http://127.0.0.1:${port}`;
  const sandbox = await Sandbox.start([origin]);
  let server: Server | undefined;
  try {
    await address(name, sandbox.vault);
    await run(name, ["npm", "run", "build", "--if-present"]);
    const node = ["node", "server.mjs", `../${name}/${serves}`];
    const [folder, program] = typeof serves === "string" ? ["node", node] : [name, serves(port)];
    server = new Server(folder, program, { ...credentials(sandbox), PORT: port });
    await use({ origin, sandbox, html: await server.ready(origin) });
  } finally {
    await server?.stop();
    await sandbox.stop();
  }
}

/** What a backend is told about the vault. */
export function credentials({ vault, api, clientId, clientSecret }: Sandbox): NodeJS.ProcessEnv {
  return { VAULT: vault, VAULT_API: api, VAULT_CLIENT_ID: clientId, VAULT_CLIENT_SECRET: clientSecret };
}

/** What samples say instead of a vault's origin, and of the script's integrity. */
const VAULT = /https:\/\/vault\.example|http:\/\/localhost:8400/g;
const INTEGRITY = "sha384-…";

/** Puts both into a consumer's sources, as a merchant does. */
async function address(name: string, vault: string): Promise<void> {
  const folder = join("tests/pack", name);
  const sri: Record<string, string> = JSON.parse(await readFile(join(INSTALLED, "dist/sri.json"), "utf8"));
  const integrity = sri["dist/cardseal.js"] ?? "";
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, "utf8");
    const addressed = text.replaceAll(VAULT, vault).replaceAll(INTEGRITY, integrity);
    await writeFile(join(PLACE, file.slice("tests/pack/".length)), addressed);
  }
}
