/** What a form leaves behind, what it does unasked, and the strictest pages that it has to work in. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { Checkout, expect, test } from "./checkout.ts";
import { left, noteStorage, watch } from "./leftovers.ts";
import { Sandbox } from "./sandbox.ts";

/** A checkout page that is served with headers of its own, by an origin and to a vault of its own. */
async function paysUnder(
  page: Page,
  headersFor: (vault: string) => Record<string, string>,
): Promise<Checkout> {
  const headers: Record<string, string> = {};
  const server = createServer((request, response) => {
    const [type, body] =
      request.url === "/cardseal.js"
        ? ["text/javascript", readFileSync("dist/index.js")]
        : request.url === "/page.js"
          ? [
              "text/javascript",
              `import * as cardseal from "/cardseal.js"; Object.assign(window, { cardseal, events: [] })`,
            ]
          : ["text/html", HTML];
    response.writeHead(200, { "Content-Type": `${type}; charset=utf-8`, ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sandbox = await Sandbox.start([origin]);
  try {
    Object.assign(headers, headersFor(sandbox.vault));
    await page.addInitScript(() => {
      window.violations = [];
      addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
        window.violations.push(`${violatedDirective} ${blockedURI}`);
      });
    });
    const checkout = new Checkout(page, origin, sandbox);
    await checkout.mount();
    await pays(checkout);
    return checkout;
  } finally {
    await sandbox.stop();
    server.close();
  }
}

const HTML = `<!doctype html><html lang="en"><head><title>Checkout</title>
<script type="module" nonce="c2VhbA" src="/page.js"></script></head><body><main>
<div id="number"></div><div id="expiry"></div><div id="cvc"></div></main></body></html>`;

/** The headers that the guide shows, of which the first begins so. */
function documented(name: string): Record<string, string> {
  const guide = readFileSync("docs/csp.md", "utf8");
  const blocks = guide.split("```http\n").map((part) => part.split("```")[0] ?? "");
  const block = blocks.find((block) => block.startsWith(name)) ?? "";
  const lines = block
    .trim()
    .split("\n")
    .map((line) => line.split(/: (.*)/).slice(0, 2));
  return Object.fromEntries(lines);
}

/** What createFields() needs, as it can be handed to the page. */
function whose({ sandbox: { vault, merchant } }: Checkout) {
  return { vault, merchant };
}

async function pays(checkout: Checkout): Promise<void> {
  await checkout.fill("4242424242424242");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
}

for (const [file, says] of [
  ["index.dev.js", "createFields() needs a browser"],
  ["index.js", "options_invalid"],
] as const) {
  test(`importing ${file} on a server does nothing, and createFields() there says ${says}`, () => {
    const script = `
    const done = [];
    const note = (name) => (...given) => done.push(name);
    for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch", "addEventListener"])
      globalThis[name] = note(name);
    const names = () => Reflect.ownKeys(globalThis).map(String).sort().join();
    const before = names();
    const { createFields, CardsealError } = await import(${JSON.stringify(`file://${process.cwd()}/dist/${file}`)});
    let thrown;
    try {
      createFields({ vault: "https://vault.example", context: () => "", merchant: "m" });
    } catch (error) {
      thrown = { own: error instanceof CardsealError, code: error.code, message: error.message };
    }
    console.log(JSON.stringify({ done, same: names() === before, thrown }));
  `;
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
      encoding: "utf8",
      timeout: 20_000,
    });
    expect(JSON.parse(output)).toEqual({
      done: [],
      same: true,
      thrown: { own: true, code: "options_invalid", message: expect.stringContaining(says) },
    });
  });
}

test("a form made, destroyed and made again in one turn, as StrictMode does, is one form", async ({
  checkout,
}) => {
  await checkout.open();
  const first = await checkout.page.evaluate(async ({ vault, merchant }) => {
    const context = window.askContext;
    const effect = () => {
      const fields = window.cardseal.createFields({ vault, context, merchant });
      for (const field of ["number", "expiry", "cvc"] as const) fields.mount(field, `#${field}`);
      return fields;
    };
    const first = effect();
    first.destroy();
    window.fields = effect();
    return first.ready.then(() => "ready").catch((error) => error.code);
  }, whose(checkout));
  expect(first).toBe("destroyed");
  await pays(checkout);
  expect(await checkout.page.locator("iframe").count()).toBe(4);
});

test("a field mounted, unmounted and mounted again in one turn is one field", async ({ checkout }) => {
  await checkout.open();
  await checkout.page.evaluate(({ vault, merchant }) => {
    const context = window.askContext;
    window.fields = window.cardseal.createFields({ vault, context, merchant });
    for (const field of ["number", "expiry", "cvc"] as const) {
      window.fields.mount(field, `#${field}`).unmount();
      window.fields.mount(field, `#${field}`);
    }
  }, whose(checkout));
  await pays(checkout);
  expect(await checkout.page.locator("iframe").count()).toBe(4);
});

for (const moment of [
  "at once",
  "while frames load",
  "when told that one did not",
  "once typed",
  "during tokenize()",
  "after a loss",
]) {
  test(`destroy() ${moment} leaves no frame, listener, observer, timer or port`, async ({ page, shop }) => {
    await page.addInitScript(watch);
    const checkout = new Checkout(page, shop.origin, shop.sandbox);
    await checkout.open();
    // Importing it did nothing either.
    const before = await page.evaluate(left);
    expect(before.ports).toBe(0);
    const fails = moment === "when told that one did not";
    if (fails) await page.route("**/f/**/cvc*", (route) => route.abort("connectionrefused"));
    await page.evaluate(
      ({ vault, merchant, moment }) => {
        const context = window.askContext;
        window.fields = window.cardseal.createFields({ vault, context, merchant });
        window.fields.on("change", () => {});
        for (const field of ["number", "expiry", "cvc"] as const) window.fields.mount(field, `#${field}`);
        if (moment === "at once") window.fields.destroy();
        if (moment !== "when told that one did not") return undefined;
        return new Promise<void>((resolve) => {
          window.fields.on("loaderror", () => resolve(window.fields.destroy()));
        });
      },
      { ...whose(checkout), moment },
    );
    if (/typed|tokenize|loss/.test(moment)) {
      await checkout.fill("4242424242424242");
      // There was something to leave behind.
      const meanwhile = await page.evaluate(left);
      expect(meanwhile.ports).toBe(4);
      expect(meanwhile.listeners.length).toBeGreaterThan(before.listeners.length);
    }
    if (moment === "after a loss") {
      await page.evaluate(() => document.querySelector("iframe[src*='/coordinator']")?.remove());
      expect(await checkout.ready()).toBe("ready");
    }
    await page.evaluate((moment) => {
      if (moment === "during tokenize()")
        window.fields.tokenize({ signal: new AbortController().signal }).catch(() => {});
      window.fields.destroy();
      window.leftovers.fired.length = 0;
      window.leftovers.over = true;
    }, moment);

    expect(await page.locator("iframe").count()).toBe(0);
    await expect.poll(() => page.evaluate(left)).toEqual(before);
    // Whatever could wake it.
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    await page.setViewportSize({ width: 400, height: 600 });
    await page.evaluate(() => {
      for (const type of ["resize", "scroll", "pagehide", "pageshow", "online", "focus", "blur", "message"]) {
        dispatchEvent(new Event(type));
        document.dispatchEvent(new Event(type));
      }
      document.documentElement.dir = "rtl";
      document.documentElement.lang = "ar";
      document.querySelector("#number")?.remove();
      document.body.append(document.createElement("iframe"));
    });
    await page.waitForTimeout(300);
    expect(await page.evaluate(() => window.leftovers.fired)).toEqual([]);
  });
}

test("a session leaves no cookie and nothing in storage, and asks nobody but the vault and the page", async ({
  checkout,
}) => {
  const { page, origin, sandbox } = checkout;
  const asked = new Set<string>();
  const cookies: string[] = [];
  page.context().on("request", (request) => asked.add(new URL(request.url()).origin));
  page.on("websocket", (socket) => asked.add(socket.url()));
  page.on("worker", (worker) => asked.add(worker.url()));
  page.on("response", async (response) => {
    const cookie = await response.headerValue("set-cookie").catch(() => null);
    if (cookie) cookies.push(cookie);
  });
  await page.addInitScript(noteStorage);
  await checkout.mount();
  await pays(checkout);
  const touched = await Promise.all(page.frames().map((frame) => frame.evaluate(() => window.touched)));
  expect(touched).toEqual([[], [], [], [], []]);
  const kept = await page.evaluate(async () => [
    ...Object.keys(localStorage),
    ...Object.keys(sessionStorage),
    ...(await indexedDB.databases()).map(({ name }) => name),
    ...(await caches.keys()),
  ]);
  expect(kept).toEqual([]);
  // The reads above were noticed, so a frame's would have been.
  expect(await page.evaluate(() => window.touched)).toEqual([
    "localStorage",
    "sessionStorage",
    "indexedDB",
    "caches",
  ]);
  expect(await page.context().cookies()).toEqual([]);
  expect(cookies).toEqual([]);
  expect([...asked].sort()).toEqual([origin, sandbox.vault].sort());
});

test("a page that is isolated as docs/csp.md says pays", async ({ page }) => {
  await paysUnder(page, () => documented("Cross-Origin"));
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
});

test("a page under the policy of docs/csp.md pays: a nonce, strict-dynamic, no policy of Trusted Types", async ({
  page,
}) => {
  const checkout = await paysUnder(page, (vault) => {
    const headers = documented("Content-Security-Policy");
    const policy = headers["Content-Security-Policy"] ?? "";
    return {
      "Content-Security-Policy": policy
        .replace("nonce-…", "nonce-c2VhbA")
        .replace("https://vault.example", vault),
    };
  });
  expect(await checkout.violations()).toEqual([]);
  // The policy was in force.
  const refused = await page.evaluate(() => {
    try {
      document.createElement("script").text = "1";
      return "allowed";
    } catch (error) {
      return (error as Error).name;
    }
  });
  expect(refused).toBe("TypeError");
});

test("fields in an open shadow tree pay", async ({ checkout }) => {
  await checkout.open();
  await checkout.page.evaluate(({ vault, merchant }) => {
    const context = window.askContext;
    const root = document.querySelector("main")?.appendChild(document.createElement("div"));
    const shadow = root?.attachShadow({ mode: "open" });
    window.fields = window.cardseal.createFields({ vault, context, merchant });
    for (const field of ["number", "expiry", "cvc"] as const) {
      const element = document.createElement("div");
      shadow?.append(element);
      window.fields.mount(field, element);
    }
  }, whose(checkout));
  await pays(checkout);
  // Only the coordinator is in the page's own tree.
  expect(await checkout.page.evaluate(() => document.querySelectorAll("iframe").length)).toBe(1);
});
