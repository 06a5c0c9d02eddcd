/** The check of what a vault's origin serves: it is quiet about what was released, and tells of each change to it. */
import { execFile } from "node:child_process";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "./checkout.ts";
import { Sandbox } from "./sandbox.ts";

/** What a browser would get, and what becomes of it on the way. */
type Change = (path: string, headers: Record<string, unknown>, body: string) => string | undefined;

/** A server before the vault that changes answers. */
async function changed(vault: string, change: Change): Promise<{ origin: string; close: () => void }> {
  const server = createServer((asked, answer) => {
    const path = asked.url ?? "";
    request(`${vault}${path}`, (from) => {
      const chunks: Buffer[] = [];
      from.on("data", (chunk: Buffer) => chunks.push(chunk));
      from.on("end", () => {
        const headers: Record<string, unknown> = { ...from.headers };
        const body = change(path, headers, Buffer.concat(chunks).toString("latin1"));
        delete headers["content-length"];
        for (const [name, value] of Object.entries(headers)) answer.setHeader(name, String(value));
        if (body === undefined) answer.statusCode = 404;
        answer.end(Buffer.from(body ?? "", "latin1"));
      });
    }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  };
}

async function verify(...options: string[]): Promise<{ status: number; says: string }> {
  return new Promise((resolve) => {
    const program = ["deploy/verify-frames.mjs", "--package", ".", ...options];
    execFile("node", program, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, says: stdout + stderr });
    });
  });
}

test("what was released is served without a difference, with fonts of the operator's or without", async ({
  shop,
}) => {
  const fonts = await Sandbox.start([shop.origin], ["--font", "Wide=tests/e2e/fonts/wide.woff2"]);
  for (const { vault, merchant } of [shop.sandbox, fonts]) {
    expect(await verify("--vault", vault, "--merchant", merchant, "--origin", shop.origin)).toEqual({
      status: 0,
      says: "differences: 0\n",
    });
  }
  await fonts.stop();
});

const CHANGES: { what: string; change: Change; says: string }[] = [
  {
    what: "a script that is added to a frame",
    change: (path, _, body) =>
      path.endsWith("/number")
        ? body.replace("</head>", '<script src="/assets/x.js"></script></head>')
        : body,
    says: "/number: holds <script src=",
  },
  {
    what: "an inline script",
    change: (path, _, body) => (path.endsWith("/cvc") ? body.replace("<body>", "<body><script>1") : body),
    says: "/cvc: holds ",
  },
  {
    what: "a script of the release under another integrity",
    change: (path, _, body) => (path.endsWith("/card") ? body.replaceAll("sha384-", "sha384-A") : body),
    says: "/card: holds ",
  },
  {
    what: "one byte of a module",
    change: (path, _, body) => (path.endsWith(".wasm") ? `${body}\0` : body),
    says: ".wasm: its bytes are not those of release",
  },
  {
    what: "a script that is gone",
    change: (path, _, body) => (path.includes("/field-") ? undefined : body),
    says: ".js: status 404",
  },
  {
    what: "a policy that allows more",
    change: (path, headers, body) => {
      if (path.endsWith("/expiry"))
        headers["content-security-policy"] = `${headers["content-security-policy"]}`.replace("'self'", "*");
      return body;
    },
    says: "/expiry: content-security-policy is default-src 'none'; script-src * ",
  },
  {
    what: "another origin that may embed",
    change: (path, headers, body) => {
      if (path.endsWith("/name")) headers["content-security-policy"] += " https://evil.example";
      return body;
    },
    says: "/name: may be embedded by ",
  },
  {
    what: "a security header that is missing",
    change: (path, headers, body) => {
      if (path.endsWith("/year")) delete headers["x-content-type-options"];
      return body;
    },
    says: "/year: x-content-type-options is null, not nosniff",
  },
];

for (const { what, change, says } of CHANGES) {
  test(`tells of ${what}`, async ({ shop }) => {
    const { vault, merchant } = shop.sandbox;
    const { origin, close } = await changed(vault, change);
    const verdict = await verify("--vault", origin, "--merchant", merchant, "--origin", shop.origin);
    close();
    expect(verdict.says).toContain(says);
    expect(verdict.says).toContain("differences: 1\n");
    expect(verdict.status).toBe(1);
  });
}

test("who asks for nothing, or gets no answer, is not told that all is well", async () => {
  expect(await verify("--vault", "http://127.0.0.1:1")).toMatchObject({ status: 2 });
  expect(await verify("--vault", "http://127.0.0.1:1", "--merchant", "shop")).toMatchObject({ status: 2 });
});
