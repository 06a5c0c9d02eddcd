// A shop's small backend: serves the page, asks the vault for capture contexts, receives tokens. It never meets a card.

import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createVaultClient } from "cardseal/server";

/** @typedef {import("node:http").IncomingMessage} Request */
/** @typedef {import("node:http").ServerResponse} Response */

const settings = {
  host: process.env.SHOP_HOST ?? "127.0.0.1",
  port: Number(process.env.SHOP_PORT ?? 3000),
  vault: demand("VAULT_URL"),
  api: demand("VAULT_API_URL"),
  clientId: demand("VAULT_CLIENT_ID"),
  clientSecret: demand("VAULT_CLIENT_SECRET"),
  merchant: demand("VAULT_MERCHANT"),
};
const { api, clientId, clientSecret } = settings;
const vault = createVaultClient({ api, clientId, clientSecret });

/** Tokens by order. A real shop keeps them in its database. @type {Map<string, string>} */
const paid = new Map();

const HTML = "text/html; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";
const JSON_TYPE = "application/json; charset=utf-8";

/** @type {Readonly<Record<string, string>>} */
const PAGES = { "/": "index.html", "/gallery": "gallery.html" };

/** @type {Readonly<Record<string, readonly [file: string, type: string]>>} */
const FILES = {
  "/shop.css": ["shop.css", "text/css; charset=utf-8"],
  "/shop.js": ["shop.js", SCRIPT],
  "/gallery.css": ["gallery.css", "text/css; charset=utf-8"],
  "/gallery.js": ["gallery.js", SCRIPT],
  "/page.js": ["page.js", SCRIPT],
  "/explain.js": ["explain.js", SCRIPT],
  "/cardseal.js": ["../dist/index.js", SCRIPT],
  "/index.js.map": ["../dist/index.js.map", JSON_TYPE],
  "/icon.svg": ["icon.svg", "image/svg+xml"],
};

const HEADERS = {
  // What a shop needs for Cardseal is the frame-src; the rest shows that nothing has to be relaxed for it.
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    `frame-src ${settings.vault}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "same-origin",
  "Cache-Control": "no-store",
};

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(`${request.method} ${pathOf(request)}: ${error.message}`);
    if (!response.headersSent) send(response, 502, JSON_TYPE, JSON.stringify({ error: "vault" }));
  });
});

/** @param {Request} request @param {Response} response */
async function answer(request, response) {
  const path = pathOf(request);
  const page = PAGES[path];
  const file = FILES[path];
  if (request.method === "GET" && page) return showPage(page, request, response);
  if (request.method === "GET" && path === "/context") return giveContext(request, response);
  if (request.method === "GET" && path === "/context-for-code") return giveCodeContext(request, response);
  if (request.method === "POST" && path === "/pay") return takeToken(request, response);
  if (request.method === "GET" && file) return send(response, 200, file[1], await read(file[0]));
  return send(response, 404, JSON_TYPE, JSON.stringify({ error: "not_found" }));
}

/** Each visit is an order of its own. @param {string} file @param {Request} request @param {Response} response */
async function showPage(file, request, response) {
  const order = orderOf(request) ?? `o_${randomBytes(9).toString("base64url")}`;
  response.setHeader("Set-Cookie", `order=${order}; Path=/; HttpOnly; SameSite=Lax`);
  const page = (await read(file))
    .toString()
    .replaceAll("{{vault}}", settings.vault)
    .replaceAll("{{merchant}}", settings.merchant);
  send(response, 200, HTML, page);
}

/** The capture context goes to the page as it is, for the fields to use. @param {Request} request @param {Response} response */
async function giveContext(request, response) {
  const { context } = await vault.captureContext({
    origins: [originOf(request)],
    expose: ["brand"],
    ref: orderOf(request) ?? "o_visitor",
  });
  send(response, 200, "text/plain; charset=utf-8", context);
}

/** For the security code of the card that this order paid with before. @param {Request} request @param {Response} response */
async function giveCodeContext(request, response) {
  const token = paid.get(orderOf(request) ?? "");
  if (!token) return send(response, 404, JSON_TYPE, JSON.stringify({ error: "no_stored_card" }));
  const { context } = await vault.captureContext({ origins: [originOf(request)], kind: "cvc", token });
  send(response, 200, "text/plain; charset=utf-8", context);
}

/** All that a shop ever holds of a card. @param {Request} request @param {Response} response */
async function takeToken(request, response) {
  // Only this shop's own page may pay: a form on another site cannot send JSON with this origin.
  const body = request.headers.origin === originOf(request) ? await readJson(request) : undefined;
  const token = body?.token;
  if (typeof token !== "string" || !/^[!-~]{1,255}$/.test(token)) {
    return send(response, 400, JSON_TYPE, JSON.stringify({ error: "token_missing" }));
  }
  const order = orderOf(request) ?? "o_visitor";
  paid.set(order, token);
  send(response, 200, JSON_TYPE, JSON.stringify({ order, received: body }));
}

/** @param {Request} request */
function pathOf(request) {
  return (request.url ?? "/").split("?")[0] ?? "/";
}

/** The page's own origin, as the browser knows it: the vault compares it with where the fields stand. @param {Request} request */
function originOf(request) {
  return `http://${request.headers.host}`;
}

/** @param {Request} request @returns {string | undefined} */
function orderOf(request) {
  return /(?:^|; )order=(o_[\w-]{1,40})(?:;|$)/.exec(request.headers.cookie ?? "")?.[1];
}

/** A small JSON object, or nothing. @param {Request} request @returns {Promise<Record<string, unknown> | undefined>} */
async function readJson(request) {
  /** @type {Buffer[]} */
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > 4096) return undefined;
    chunks.push(chunk);
  }
  try {
    const body = JSON.parse(Buffer.concat(chunks).toString());
    return typeof body === "object" && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} file */
function read(file) {
  return readFile(new URL(file, import.meta.url));
}

/** @param {Response} response @param {number} status @param {string} type @param {string | Buffer} body */
function send(response, status, type, body) {
  response.writeHead(status, { ...HEADERS, "Content-Type": type });
  response.end(body);
}

/** @param {string} name */
function demand(name) {
  const value = process.env[name];
  if (value) return value;
  console.error(`Set ${name}; \`cargo xtask demo\` starts a vault and sets everything.`);
  process.exit(2);
}

server.listen(settings.port, settings.host, () => {
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : settings.port;
  console.log(`shop listening on http://${settings.host}:${port}`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
