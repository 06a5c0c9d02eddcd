/**
 * nginx or Caddy in front of a sandbox vault, configured by the very files of deploy/.
 * It must never change more of them than what an operator has to: addresses, folder and certificate.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { Folder, Sandbox } from "./sandbox.ts";

/** The address that browsers see. The vault listens on the same port of 127.0.0.1. */
const HOST = "[::1]";

/** Whether this machine has that address: without IPv6 there is no second one that counts as its own. */
export const HAS_HOST = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === "::1");

/** Each server, and what an operator changes in its file, by the word that marks the line. */
export const SERVERS = {
  nginx: {
    file: "deploy/nginx.conf",
    changed: (port: string, assets: string) => ({
      VAULT: `server 127.0.0.1:${port};`,
      LISTEN: `listen ${HOST}:${port};`,
      HOST: `server_name ${HOST};`,
      TLS: "",
      ASSETS: `root ${assets};`,
    }),
  },
  caddy: {
    file: "deploy/Caddyfile",
    changed: (port: string, assets: string) => ({
      VAULT: `reverse_proxy 127.0.0.1:${port}`,
      HOST: `http://${HOST}:${port} {\nbind ::1`,
      ASSETS: `root * ${assets}`,
    }),
  },
} as const;

export type Server = keyof typeof SERVERS;

/** Where the program is, if it is installed; Debian keeps servers out of the path of those who are not root. */
export function program(server: Server): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"];
  return folders.map((folder) => join(folder, server)).find((path) => existsSync(path));
}

/** The server's file with other ends of the marked lines; fails if a mark is missing. */
export function configured(server: Server, port: string, assets: string): string {
  let text = readFileSync(SERVERS[server].file, "utf8");
  for (const [mark, line] of Object.entries(SERVERS[server].changed(port, assets))) {
    const marked = new RegExp(`^.* # ${mark}$`, "gm");
    if (!marked.test(text)) throw new Error(`${SERVERS[server].file} marks no line with ${mark}`);
    text = text.replace(marked, line);
  }
  return text;
}

/** nginx's own file around a part of the `http` block, with all that it writes in a folder. */
export function nginxMain(folder: string, part: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "scgi", "uwsgi"];
  return `${process.getuid?.() === 0 ? "user root;" : ""} daemon off; pid ${folder}/pid; error_log stderr; events {}
http { ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")} include ${part}; }`;
}

/** A server that is running in front of a sandbox vault. */
export class Front {
  private constructor(
    readonly sandbox: Sandbox,
    readonly folder: Folder,
    readonly process: ChildProcess,
  ) {}

  static async start(server: Server, origin: string): Promise<Front> {
    const sandbox = await Sandbox.start([origin], ["--host", HOST]);
    const { port } = new URL(sandbox.vault);
    const folder = new Folder();
    symlinkSync(resolve("dist/frames"), join(folder.path, "assets"));
    const part = join(folder.path, "part.conf");
    writeFileSync(part, configured(server, port, folder.path));
    const main = join(folder.path, "main.conf");
    writeFileSync(main, server === "nginx" ? nginxMain(folder.path, part) : readFileSync(part));
    const options =
      server === "nginx" ? ["-c", main, "-e", "stderr"] : ["run", "--adapter", "caddyfile", "--config", main];
    const env = {
      ...process.env,
      HOME: folder.path,
      XDG_CONFIG_HOME: folder.path,
      XDG_DATA_HOME: folder.path,
    };
    const started = spawn(program(server) ?? server, options, { stdio: ["ignore", "inherit", "pipe"], env });
    let said = "";
    started.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    for (let tries = 0; tries < 200 && started.exitCode === null; tries += 1) {
      if (await listens(Number(port))) return new Front(sandbox, folder, started);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    started.kill();
    throw new Error(`${server} does not listen:\n${said}`);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    if (this.process.kill()) await ended;
    await this.sandbox.stop();
    this.folder.remove();
  }
}

async function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "::1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** Has nginx read its file as it is, but for the certificate: one made for this. */
export function nginxReads(folder: Folder): string {
  const [key, certificate] = [join(folder.path, "key"), join(folder.path, "certificate")];
  const make = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-subj",
    "/CN=x",
  ];
  execFileSync("openssl", [...make, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  const part = join(folder.path, "part.conf");
  const text = readFileSync(SERVERS.nginx.file, "utf8");
  writeFileSync(
    part,
    text.replaceAll(/\/etc\/ssl\/\S+(key|pem);/g, (_, kind) => `${kind === "key" ? key : certificate};`),
  );
  const main = join(folder.path, "main.conf");
  writeFileSync(main, nginxMain(folder.path, part));
  execFileSync(program("nginx") ?? "nginx", ["-t", "-q", "-c", main, "-e", "stderr"]);
  return text;
}
