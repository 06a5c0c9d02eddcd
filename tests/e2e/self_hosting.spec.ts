/** The frames' assets from nginx or Caddy, as deploy/ configures them: the same to a browser as from the vault. */
import { readFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { Checkout, expect, test } from "./checkout.ts";
import { Front, HAS_HOST, nginxReads, program, SERVERS, type Server } from "./front.ts";
import { Folder } from "./sandbox.ts";

/** What is each hop's own, or only the vault knows. */
const OWN = [
  "date",
  "content-length",
  "connection",
  "keep-alive",
  "server",
  "transfer-encoding",
  "x-request-id",
];
/** What else a server of files says of one, and nobody asks for again: it is immutable. */
const OF_FILES = ["accept-ranges", "etag", "last-modified"];

interface Answer {
  status: number | undefined;
  headers: Record<string, unknown>;
  body: Buffer;
  fromVault: boolean;
}

async function ask(origin: string, path: string, encoding?: string): Promise<Answer> {
  const headers = encoding === undefined ? {} : { "accept-encoding": encoding };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${origin}${path}`, { headers }, resolve).on("error", reject);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  const of = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !OWN.includes(name)));
  const fromVault = answer.headers["x-request-id"] !== undefined;
  // The name of a header is the same in any case.
  if (of.vary) of.vary = String(of.vary).toLowerCase();
  return { status: answer.statusCode, headers: of, body: Buffer.concat(chunks), fromVault };
}

const manifest: { assets: { path: string }[] } = JSON.parse(
  readFileSync("dist/frames/manifest.json", "utf8"),
);

for (const server of Object.keys(SERVERS) as Server[]) {
  test.describe(`behind ${server}`, () => {
    test.skip(!program(server) && !process.env.CI, `${server} is not installed`);
    test.skip(!HAS_HOST, "this machine has no [::1]");
    let front: Front;
    test.beforeAll(async ({ shop }) => {
      front = await Front.start(server, shop.origin);
    });
    test.afterAll(async () => front?.stop());

    test("every asset comes from the folder, with the bytes and headers of the vault", async () => {
      const { vault } = front.sandbox;
      const behind = vault.replace("[::1]", "127.0.0.1");
      expect(manifest.assets.length).toBeGreaterThan(50);
      for (const { path } of manifest.assets) {
        for (const encoding of [undefined, "gzip, deflate, br, zstd", "br;q=0", "gzip;q=1.0, br;q=0.5"]) {
          const [served, own] = [
            await ask(vault, `/assets/${path}`, encoding),
            await ask(behind, `/assets/${path}`, encoding),
          ];
          expect([served.fromVault, own.fromVault], `${path} ${encoding}`).toEqual([false, true]);
          expect(served.body.equals(own.body), `${path} ${encoding}`).toBe(true);
          for (const name of OF_FILES) delete served.headers[name];
          // A vault whose origin is https says so; this one's is not.
          expect(served.headers, `${path} ${encoding}`).toEqual({
            ...own.headers,
            "strict-transport-security": "max-age=63072000",
          });
          expect(served.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
        }
      }
    });

    test("what is no asset comes from the vault", async ({ shop }) => {
      const { vault, frames } = front.sandbox;
      const document = new URL(`${frames}/number`).pathname;
      const script = manifest.assets.find(({ path }) => path.startsWith("field-"))?.path ?? "";
      for (const [path, status] of [
        [document, 200],
        ["/.well-known/jwks.json", 200],
        ["/assets/manifest.json", 404],
        [`/assets/${script}.br`, 404],
        ["/assets/field-AAAAAAAA.js", 404],
        ["/assets/%2e%2e/assets/manifest.json", 404],
        ["/main.conf", 404],
      ] as const) {
        const answer = await ask(vault, path, "br");
        expect([path, answer.status, answer.fromVault]).toEqual([path, status, true]);
      }
      const { headers } = await ask(vault, document);
      expect(headers["content-security-policy"]).toContain(`frame-ancestors ${shop.origin}`);
    });

    test("a card becomes a token", async ({ page, shop }) => {
      const assets: boolean[] = [];
      page.on("response", async (response) => {
        if (new URL(response.url()).pathname.startsWith("/assets/"))
          assets.push("x-request-id" in response.headers());
      });
      const checkout = new Checkout(page, shop.origin, front.sandbox);
      await checkout.mount();
      await checkout.fill("4242424242424242");
      expect(await checkout.tokenize()).toMatchObject({ brand: "visa", last4: "4242" });
      expect(assets.length).toBeGreaterThan(3);
      expect(assets).not.toContain(true);
    });
  });
}

test("nginx reads its file as it is, TLS included", () => {
  test.skip(!program("nginx") && !process.env.CI, "nginx is not installed");
  const folder = new Folder();
  expect(nginxReads(folder)).toContain("listen 443 ssl http2;");
  folder.remove();
});
