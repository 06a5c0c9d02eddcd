/** Programs of the project, started for a test and stopped after it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CaptureContextRequest, createVaultClient, type VaultClient } from "../../js/server/index.js";

/** The release whose frames are built. */
export const RELEASE: string = JSON.parse(readFileSync("package.json", "utf8")).version;

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
  /** What a merchant's backend says to it. */
  readonly backend: VaultClient;

  private constructor(
    readonly program: Program,
    readonly data: Folder,
    words: Record<string, string>,
  ) {
    this.#words = words;
    this.backend = createVaultClient({
      api: this.api,
      clientId: this.clientId,
      clientSecret: this.clientSecret,
    });
  }

  static async start(origins: string[], options: string[] = []): Promise<Sandbox> {
    const data = new Folder();
    const named = origins.flatMap((origin) => ["--origin", origin]);
    const program = new Program("cardseal-sandbox", ["--data", data.path, ...named, ...options]);
    return new Sandbox(program, data, await program.ready());
  }

  /** The origin of the frames. */
  get vault(): string {
    return this.#words.vault ?? "";
  }

  /** The origin of the API listener. */
  get api(): string {
    return this.#words.api ?? "";
  }

  get clientId(): string {
    return this.#words.client_id ?? "";
  }

  get clientSecret(): string {
    return this.#words.client_secret ?? "";
  }

  get merchant(): string {
    return this.#words.merchant ?? "";
  }

  /** What the documents of the merchant's frames are under. */
  get frames(): string {
    return `${this.vault}/f/${this.merchant}/${RELEASE}`;
  }

  /** A capture context, as the merchant's backend would get it. */
  async context(request: CaptureContextRequest): Promise<string> {
    return (await this.backend.captureContext(request)).context;
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
