/** Programs of the project, started for a test and stopped after it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const bin = join(process.env.CARGO_TARGET_DIR ?? "target", "debug");

/** A running program; everything it printed is kept. */
export class Program {
  #output = "";
  readonly #process: ChildProcess;

  constructor(name: string, options: string[]) {
    this.#process = spawn(join(bin, name), options, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
  }

  /** Everything printed so far, on both streams. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error("not started");
    return this.#process.pid;
  }

  /** The words `name=value` of the line that begins with `ready `. */
  async ready(): Promise<Record<string, string>> {
    for (let tries = 0; tries < 600; tries += 1) {
      const line = this.#output.split("\n").find((line) => line.startsWith("ready "));
      if (line && this.#output.endsWith("\n")) {
        return Object.fromEntries(
          line
            .split(" ")
            .slice(1)
            .map((word) => {
              const [name = "", ...value] = word.split("=");
              return [name, value.join("=")];
            }),
        );
      }
      if (this.#process.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`not ready:\n${this.#output}`);
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (this.#process.exitCode !== null) return this.#process.exitCode;
    const ended = new Promise<number | null>((resolve) => this.#process.once("exit", resolve));
    this.#process.kill(signal);
    return ended;
  }
}

/** A folder that is gone after use. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "cardseal-e2e-"));

  /** The bytes of every file below it. */
  files(): Map<string, Buffer> {
    const files = new Map<string, Buffer>();
    for (const entry of readdirSync(this.path, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) {
        const path = join(entry.parentPath, entry.name);
        files.set(path, readFileSync(path));
      }
    }
    return files;
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

/** The sandbox vault with a merchant's backend in front of it. */
export class Sandbox {
  readonly #words: Record<string, string>;

  private constructor(
    readonly program: Program,
    readonly data: Folder,
    words: Record<string, string>,
  ) {
    this.#words = words;
  }

  static async start(origins: string[]): Promise<Sandbox> {
    const data = new Folder();
    const named = origins.flatMap((origin) => ["--origin", origin]);
    const program = new Program("cardseal-sandbox", ["--data", data.path, ...named]);
    return new Sandbox(program, data, await program.ready());
  }

  /** The origin of the frames. */
  get vault(): string {
    return this.#words.vault ?? "";
  }

  get merchant(): string {
    return this.#words.merchant ?? "";
  }

  /** An access token of the merchant's backend. */
  async accessToken(): Promise<string> {
    const { api, client_id, client_secret } = this.#words;
    const granted = await fetch(`${api}/oauth/token`, {
      method: "POST",
      headers: { Authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString("base64")}` },
      body: new URLSearchParams({ grant_type: "client_credentials", scope: "capture:create" }),
    });
    return (await granted.json()).access_token;
  }

  /** A capture context, as the merchant's backend would get it. */
  async context(request: Record<string, unknown>): Promise<string> {
    const answer = await fetch(`${this.#words.api}/v1/capture-contexts`, {
      method: "POST",
      headers: { Authorization: `Bearer ${await this.accessToken()}`, "Content-Type": "application/json" },
      body: JSON.stringify(request),
    });
    const body = await answer.json();
    if (answer.status !== 201) throw new Error(JSON.stringify(body));
    return body.context;
  }

  /** Stops it; whatever the tests did, nothing as long as a card number may be in what it printed. */
  async stop(): Promise<void> {
    await this.program.stop();
    this.data.remove();
    // Random hex can have as many digits in a row.
    const printed = this.program.output.replace(/"(span|trace)_id":"[0-9a-f]+"/g, "");
    const [trace] = /[0-9]{12,}/.exec(printed) ?? [];
    if (trace) throw new Error("the vault printed a number as long as a card's");
  }
}
