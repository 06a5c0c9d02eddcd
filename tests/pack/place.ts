// Where the consumers stand: a folder outside the tree, so that nothing of the tree can be resolved from there, and programs
// that run in it. It must never read a source of the package.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** The folder of this run. */
export const PLACE = process.env.CARDSEAL_PACK ?? "";

/** The package as npm made it. Every consumer asks for it by this name. */
export const TARBALL = join(PLACE, "cardseal.tgz");

/** The folder that npm installed the tarball into. */
export const INSTALLED = join(PLACE, "node_modules/cardseal");

/** The tree's own programs must not stand in for those that a consumer lacks. */
const PATH = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((folder) => !folder.startsWith(process.cwd()))
  .join(delimiter);

const environment = (more: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH,
  NEXT_TELEMETRY_DISABLED: "1",
  ...more,
});

/** Runs a program in a folder of the place; gives what it printed, or fails with it. */
export async function run(
  folder: string,
  [program = "", ...options]: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<string> {
  const settings = { cwd: join(PLACE, folder), env: environment(more), maxBuffer: 1 << 26 };
  try {
    return (await promisify(execFile)(program, options, settings)).stdout;
  } catch (failure) {
    const { stdout, stderr } = failure as { stdout: string; stderr: string };
    throw new Error(`${program} ${options.join(" ")} in ${folder} failed:\n${stdout}\n${stderr}`);
  }
}

/** A server that runs in a folder of the place. */
export class Server {
  #output = "";
  readonly #process: ChildProcess;

  constructor(folder: string, [program = "", ...options]: readonly string[], more: NodeJS.ProcessEnv) {
    const settings = {
      cwd: join(PLACE, folder),
      env: environment(more),
      stdio: "pipe",
      detached: true,
    } as const;
    this.#process = spawn(program, options, settings);
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
  }

  /** What it answers there, once it does. */
  async ready(origin: string): Promise<string> {
    for (let tries = 0; tries < 600; tries += 1) {
      if (this.#process.exitCode !== null) break;
      const answer = await fetch(origin).catch(() => undefined);
      if (answer?.ok) return answer.text();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no server answers at ${origin}:\n${this.#output}`);
  }

  async stop(): Promise<void> {
    const { pid, exitCode } = this.#process;
    if (pid === undefined || exitCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    // With whatever it started itself.
    process.kill(-pid, "SIGTERM");
    await ended;
  }
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
