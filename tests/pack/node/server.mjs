// A shop's backend on Node: a static server for one folder, the contexts for its page, and what a form sends. It must never
// meet a card.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { createVaultClient } from "cardseal/server";

const vault = createVaultClient({
  api: process.env.VAULT_API,
  clientId: process.env.VAULT_CLIENT_ID,
  clientSecret: process.env.VAULT_CLIENT_SECRET,
});
const [, , folder] = process.argv;
const PACKAGE = "/node_modules/cardseal/";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  const path = pathname === "/" ? "/index.html" : pathname;
  if (path === "/context") {
    const via = searchParams.get("via") ?? "fields";
    const { context } = await vault.captureContext({ via, origins: [`http://${request.headers.host}`] });
    return response.end(context);
  }
  if (path === "/pay") {
    const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
    response.setHeader("Content-Type", "text/html");
    return response.end(`<output>${form.get("payment_token")}</output>`);
  }
  const file = path.startsWith(PACKAGE)
    ? new URL(path.slice(PACKAGE.length), new URL("..", import.meta.resolve("cardseal")))
    : join(folder, path);
  const content = await readFile(file).catch(() => undefined);
  response.writeHead(content ? 200 : 404, { "Content-Type": TYPES[extname(path)] ?? "text/plain" });
  response.end(content);
});
server.listen(process.env.PORT, "127.0.0.1");
