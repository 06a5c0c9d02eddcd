/** Browsers in which WebAssembly is missing or refused: the same engine, translated to JavaScript, takes over. */
import { chromium, type Page } from "@playwright/test";
import { translatedName } from "../js/engine.ts";
import { Checkout, expect, test } from "./checkout.ts";

declare global {
  interface Window {
    /** The engine's memory, whichever it is. */
    engine: ArrayBuffer;
  }
}

/** What the frames loaded below /assets, by name. */
function loads(page: Page): string[] {
  const names: string[] = [];
  page.context().on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/assets/")) names.push(pathname.replace("/assets/", ""));
  });
  return names;
}

function forget(): void {
  Reflect.deleteProperty(globalThis, "WebAssembly");
}

/** An init script: remembers the memory that an engine makes. */
function noteMemory(): void {
  const Buffer = ArrayBuffer;
  window.ArrayBuffer = class extends Buffer {
    constructor(bytes: number) {
      super(bytes);
      if (bytes >= 65_536) window.engine = this;
    }
  } as typeof Buffer;
  if (typeof WebAssembly === "undefined") return;
  const { instantiateStreaming } = WebAssembly;
  WebAssembly.instantiateStreaming = async (...given) => {
    const made = await instantiateStreaming(...given);
    window.engine = (made.instance.exports as { memory: WebAssembly.Memory }).memory.buffer;
    return made;
  };
}

async function pays(checkout: Checkout): Promise<void> {
  await checkout.fill("4242424242424242");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
}

async function causes(checkout: Checkout): Promise<string[]> {
  return checkout.page.evaluate(() =>
    window.events
      .filter(({ name }) => name === "loaderror")
      .map(({ event }) => (event as { cause: string }).cause),
  );
}

test("where WebAssembly works, the translated engine is not loaded", async ({ checkout }) => {
  const loaded = loads(checkout.page);
  await checkout.mount();
  await pays(checkout);
  expect(loaded.filter((name) => name.startsWith("cardseal_bg-"))).not.toEqual([]);
  expect(loaded).not.toContain(translatedName());
});

test("where WebAssembly is missing, a card becomes a token, and no policy is violated", async ({
  checkout,
}) => {
  const loaded = loads(checkout.page);
  await checkout.page.addInitScript(forget);
  await checkout.mount();
  await pays(checkout);
  expect(loaded.filter((name) => name === translatedName())).toHaveLength(1);
  expect(await checkout.violations()).toEqual([]);
});

test("where a policy refuses WebAssembly, a card becomes a token", async ({ checkout }) => {
  const loaded = loads(checkout.page);
  await checkout.page.route("**/coordinator*", async (route) => {
    const answer = await route.fetch();
    const headers = answer.headers();
    const policy = headers["content-security-policy"]?.replace(" 'wasm-unsafe-eval'", "") ?? "";
    await route.fulfill({ response: answer, headers: { ...headers, "content-security-policy": policy } });
  });
  await checkout.mount();
  await pays(checkout);
  expect(loaded).toContain(translatedName());
});

test("in a browser without a compiler, a card becomes a token", async ({ shop, launchOptions }) => {
  const browser = await chromium.launch({
    ...launchOptions,
    args: [...(launchOptions.args ?? []), "--js-flags=--jitless"],
  });
  try {
    const checkout = new Checkout(await browser.newPage(), shop.origin, shop.sandbox);
    const loaded = loads(checkout.page);
    await checkout.mount();
    expect(await checkout.page.evaluate(() => typeof WebAssembly)).toBe("undefined");
    await pays(checkout);
    expect(loaded).toContain(translatedName());
  } finally {
    await browser.close();
  }
});

test("where neither engine loads, the page hears wasm_unavailable, and the form works once one does", async ({
  checkout,
}) => {
  await checkout.page.addInitScript(forget);
  await checkout.page.route(`**/${translatedName()}`, (route) => route.abort());
  await checkout.mount();
  expect(await checkout.ready()).toBe("wasm_unavailable");
  expect(await causes(checkout)).toContain("wasm_unavailable");
  await checkout.page.unroute(`**/${translatedName()}`);
  await expect
    .poll(() => checkout.page.evaluate(() => window.events.some(({ name }) => name === "ready")), {
      timeout: 15_000,
    })
    .toBe(true);
  await checkout.typeCard("4242424242424242");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

test("a translated engine that was altered on its way is not run", async ({ checkout }) => {
  await checkout.page.addInitScript(forget);
  await checkout.page.route(`**/${translatedName()}`, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: `window.altered = true;${await answer.text()}` });
  });
  await checkout.mount();
  expect(await checkout.ready()).toBe("wasm_unavailable");
  const altered = await checkout.frame("coordinator").evaluate(() => "altered" in window);
  expect(altered).toBe(false);
});

for (const missing of [false, true]) {
  const what = missing ? "translated" : "compiled";

  test(`the ${what} engine's memory holds the card until the token is made, and not after`, async ({
    checkout,
  }) => {
    if (missing) await checkout.page.addInitScript(forget);
    await checkout.page.addInitScript(noteMemory);
    await checkout.mount();
    await checkout.fill("4242424242424242", "1229", "871");
    const holds = () =>
      checkout.frame("coordinator").evaluate(() => {
        const text = new TextDecoder("latin1").decode(new Uint8Array(window.engine));
        return { number: text.includes("4242424242424242"), code: text.includes("871") };
      });
    expect(await holds()).toEqual({ number: true, code: true });
    expect((await checkout.tokenize()).id).toMatch(/^tok_/);
    await expect.poll(holds).toEqual({ number: false, code: false });
  });

  test(`when the ${what} engine breaks, its memory is zeros, and the next one takes over`, async ({
    checkout,
  }) => {
    if (missing) await checkout.page.addInitScript(forget);
    await checkout.page.addInitScript(noteMemory);
    const told: boolean[] = [];
    await checkout.page.exposeFunction("wiped", (zeros: boolean) => told.push(zeros));
    await checkout.mount();
    await checkout.fill("4242424242424242");
    await checkout.frame("coordinator").evaluate(() => {
      // Without randomness the engine breaks off in the middle of a seal.
      crypto.getRandomValues = () => {
        throw new Error("none");
      };
      // The frame goes as soon as the page has heard of it.
      const { engine } = window;
      const { fill } = Uint8Array.prototype;
      Uint8Array.prototype.fill = function (this: Uint8Array, ...given: Parameters<typeof fill>) {
        const filled = fill.apply(this, given);
        // The translated engine fills parts of it as well.
        if (this.buffer === engine && given.length === 1)
          (window as unknown as { wiped: (zeros: boolean) => void }).wiped(this.every((byte) => byte === 0));
        return filled;
      } as typeof fill;
    });
    expect(await checkout.tokenize()).toMatchObject({ code: "coordinator_lost" });
    await expect.poll(() => told).toEqual([true]);
    expect((await checkout.tokenize()).id).toMatch(/^tok_/);
  });
}
