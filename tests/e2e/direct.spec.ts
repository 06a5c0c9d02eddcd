// Direct mode against the real vault: a page with inputs of its own under a strict policy, a program, and who is turned away.

import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";
import type { Page } from "@playwright/test";
import type * as Direct from "../../js/direct/index.js";
import { test as base, type Checkout, expect } from "./checkout.ts";
import { Sandbox } from "./sandbox.ts";

const HTML = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Own inputs</title>
<input id="number" aria-label="Number"><input id="expiry" aria-label="Expiry"><input id="cvc" aria-label="Code">`;
const TYPES: Readonly<Record<string, string>> = { js: "text/javascript", wasm: "application/wasm" };

interface Outcome {
  readonly id?: string;
  readonly last4?: string;
  readonly code?: string;
  readonly field?: string;
  readonly blame?: string;
}

/** A server of pages with inputs of their own, under a strict policy, and of the built direct mode beside them. */
async function serve(policy: () => string): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    const [, name] = /^\/direct\/([a-z.]+)$/.exec(request.url ?? "") ?? [];
    response.setHeader("Content-Security-Policy", policy());
    response.setHeader("Content-Type", TYPES[name?.split(".").at(-1) ?? ""] ?? "text/html");
    response.end(name ? readFileSync(`dist/direct/${name}`) : HTML);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const test = base.extend<object, { shop: { origin: string; sandbox: Sandbox } }>({
  shop: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from the pattern.
    async ({}, use) => {
      let vault = "";
      const { server, origin } = await serve(() =>
        [
          "default-src 'none'",
          "script-src 'self' 'wasm-unsafe-eval'",
          `connect-src 'self' ${vault}`,
          "require-trusted-types-for 'script'",
          "trusted-types 'none'",
        ].join("; "),
      );
      const sandbox = await Sandbox.start([origin]);
      vault = sandbox.vault;
      await use({ origin, sandbox });
      await sandbox.stop();
      server.close();
    },
    { scope: "worker" },
  ],
});

/** Opens a page of the shop; answers what it loads of direct mode, as it does. */
async function open({ page, origin }: Checkout, without: readonly string[] = []): Promise<string[]> {
  const loaded: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/direct/")) loaded.push(pathname.replace("/direct/", ""));
  });
  // A page instead of the file, as many a development server answers.
  for (const name of without) {
    await page.route(`${origin}/direct/${name}`, (route) =>
      route.fulfill({ contentType: "text/html", body: HTML }),
    );
  }
  await page.goto(origin);
  return loaded;
}

async function type(page: Page, number: string, expiry = "12/30", cvc = "123"): Promise<void> {
  for (const [id, text] of Object.entries({ number, expiry, cvc })) await page.locator(`#${id}`).fill(text);
}

/** Seals what the inputs hold, in the page. */
function seal({ page, sandbox }: Checkout, context: string): Promise<Direct.SealedCard & Outcome> {
  return page.evaluate(
    async ({ vault, context }) => {
      const value = (id: string): string => (document.getElementById(id) as HTMLInputElement).value;
      const { createSealer }: typeof Direct = await import(`${location.origin}/direct/index.js`);
      const card = { number: value("number"), expiry: value("expiry"), cvc: value("cvc") };
      return createSealer({ vault })
        .seal(context, card)
        .catch(({ code, field, blame }) => ({ code, field, blame })) as Promise<never>;
    },
    { vault: sandbox.vault, context },
  );
}

function tokenize({ page, sandbox }: Checkout, sealed: Direct.SealedCard): Promise<Outcome> {
  return page.evaluate(
    async ({ vault, sealed }) => {
      const { createSealer }: typeof Direct = await import(`${location.origin}/direct/index.js`);
      return createSealer({ vault })
        .tokenize(sealed)
        .catch(({ code, field, blame }) => ({ code, field, blame }));
    },
    { vault: sandbox.vault, sealed },
  );
}

async function forNode(): Promise<typeof Direct> {
  return import(pathToFileURL("dist/direct/node.js").href);
}

async function codeOf(outcome: Promise<unknown>): Promise<string> {
  return outcome.then(
    () => "none",
    (error: Direct.CardsealError) => error.code,
  );
}

test("a page with inputs of its own gets a token, and loads the engine only when it seals", async ({
  checkout,
}) => {
  const { page, sandbox } = checkout;
  const violations: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") violations.push(message.text());
  });
  const loaded = await open(checkout);
  await page.evaluate(() => import(`${location.origin}/direct/index.js`));
  expect(loaded).toEqual(["index.js"]);
  const context = await checkout.context({ via: "direct", ref: "order-direct" });
  await type(page, "4242 4242 4242 4242");
  const sealed = await seal(checkout, context);
  expect(loaded).toEqual(["index.js", "engine.wasm"]);

  const token = await tokenize(checkout, sealed);
  expect(token).toEqual({ id: expect.stringMatching(/^tok_/), brand: "visa", last4: "4242" });
  // The same again is the same token.
  expect(await tokenize(checkout, sealed)).toEqual(token);
  const stored = await sandbox.backend.token(token.id ?? "");
  expect(stored).toMatchObject({
    last4: "4242",
    expMonth: 12,
    expYear: 2030,
    cvc: "held",
    ref: "order-direct",
  });
  expect(violations).toEqual([]);
});

test("what is wrong with the card is told by field, and the same context takes the corrected one", async ({
  checkout,
}) => {
  await open(checkout);
  const context = await checkout.context({ via: "direct", brands: ["visa"] });
  await type(checkout.page, "4242 4242 4242 4241");
  const wrong = { code: "card_number_invalid", field: "number", blame: "input" };
  expect(await seal(checkout, context)).toEqual(wrong);
  await type(checkout.page, "4242 4242 4242 4242");
  expect((await tokenize(checkout, await seal(checkout, context))).last4).toBe("4242");
});

for (const days of [-400, 400]) {
  test(`a clock that is wrong by ${days} days stops no page`, async ({ checkout }) => {
    await checkout.page.addInitScript((days) => {
      const { now } = Date;
      Date.now = () => now() + days * 86_400_000;
    }, days);
    await open(checkout);
    await type(checkout.page, "4242 4242 4242 4242");
    const sealed = await seal(checkout, await checkout.context({ via: "direct" }));
    expect((await tokenize(checkout, sealed)).last4).toBe("4242");
  });
}

test("what the vault refuses is told to the page", async ({ checkout }) => {
  await open(checkout);
  const context = await checkout.context({ via: "direct" });
  // A card of a range that nobody publishes test cards of.
  await type(checkout.page, "4929 1234 5678 9015");
  const refused = await tokenize(checkout, await seal(checkout, context));
  expect(refused).toEqual({ code: "test_card_required", blame: "rejected" });
});

for (const [what, without, forget] of [
  ["the bundler left the engine behind", ["engine.wasm"], false],
  ["there is no WebAssembly", [], true],
] as const) {
  test(`where ${what}, the translated engine seals`, async ({ checkout }) => {
    if (forget) await checkout.page.addInitScript(() => Reflect.deleteProperty(globalThis, "WebAssembly"));
    const loaded = await open(checkout, without);
    await type(checkout.page, "5555 5555 5555 4444");
    const sealed = await seal(checkout, await checkout.context({ via: "direct" }));
    expect(loaded).toContain("translated.js");
    expect((await tokenize(checkout, sealed)).last4).toBe("4444");
  });
}

test("where no engine can be had, that is told", async ({ checkout }) => {
  await open(checkout, ["engine.wasm", "translated.js"]);
  await type(checkout.page, "4242 4242 4242 4242");
  const failed = await seal(checkout, await checkout.context({ via: "direct" }));
  expect(failed).toMatchObject({ code: "network_failed", blame: "network" });
});

/** Posts past the sealer, as any script could; a browser that may not tell the answer rejects. */
function post(page: Page, vault: string, sealed: Direct.SealedCard): Promise<string> {
  return page.evaluate(
    async ({ vault, sealed }) => {
      const request = {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": sealed.idempotencyKey },
        body: JSON.stringify({ context: sealed.context, sealed_card: sealed.sealedCard }),
      };
      return fetch(`${vault}/v1/tokens`, request).then(
        (answer) => String(answer.status),
        (error: Error) => error.name,
      );
    },
    { vault, sealed },
  );
}

test("a page of another origin can neither send what it stole nor read an answer", async ({
  checkout,
  browser,
}) => {
  await open(checkout);
  const { vault } = checkout.sandbox;
  await type(checkout.page, "4242 4242 4242 4242");
  const sealed = await seal(checkout, await checkout.context({ via: "direct" }));
  const { server, origin } = await serve(() => "default-src 'none'; connect-src *");
  const foreign = await browser.newPage();
  try {
    await foreign.goto(origin);
    expect(await post(foreign, vault, sealed)).toBe("TypeError");
    // It is that call which is refused: what is public can be read.
    const keys = `${vault}/.well-known/jwks.json`;
    expect(await foreign.evaluate((keys) => fetch(keys).then(({ status }) => status), keys)).toBe(200);
  } finally {
    await foreign.close();
    server.close();
  }
  // It has spent nothing.
  expect(await post(checkout.page, vault, sealed)).toBe("201");
});

test("a context for fields is of no use to a page", async ({ checkout }) => {
  const [fields, direct] = [await checkout.context(), await checkout.context({ via: "direct" })];
  await open(checkout);
  await type(checkout.page, "4242 4242 4242 4242");
  expect((await seal(checkout, fields)).code).toBe("context_via_mismatch");
  const sealed = await seal(checkout, direct);
  expect(await post(checkout.page, checkout.sandbox.vault, { ...sealed, context: fields })).toBe("TypeError");
});

test("a program seals for a context without origins, and one call after another gives one token", async ({
  shop,
}) => {
  const { createSealer } = await forNode();
  const { vault, backend } = shop.sandbox;
  const sealer = createSealer({ vault });
  const card = { number: "378282246310005", expiry: { month: 1, year: 2031 }, cvc: "7373" };
  const { context } = await backend.captureContext({ via: "direct", origins: [] });
  const sealed = await sealer.seal(context, card);
  const [one, other] = await Promise.all([sealer.tokenize(sealed), sealer.tokenize(sealed)]);
  expect(one).toEqual({ id: expect.stringMatching(/^tok_/), brand: "american-express", last4: "0005" });
  expect(other).toEqual(one);
  // Sealed once more for the same context, it is another request.
  expect(await codeOf(sealer.tokenize(await sealer.seal(context, card)))).toBe("context_spent");

  const code = await backend.captureContext({ via: "direct", origins: [], kind: "cvc", token: one.id });
  expect(await sealer.tokenize(await sealer.seal(code.context, { cvc: "1234" }))).toEqual(one);

  const paged = await backend.captureContext({ via: "direct", origins: [shop.origin] });
  expect(await codeOf(sealer.seal(paged.context, card))).toBe("origin_not_allowed");
});

test("what a page sealed, its backend can tokenize", async ({ checkout }) => {
  const { createSealer } = await forNode();
  await open(checkout);
  await type(checkout.page, "4242 4242 4242 4242");
  const sealed = await seal(checkout, await checkout.context({ via: "direct" }));
  const { last4 } = await createSealer({ vault: checkout.sandbox.vault }).tokenize(sealed);
  expect(last4).toBe("4242");
});
