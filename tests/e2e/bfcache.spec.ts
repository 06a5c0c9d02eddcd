/** A page that is left and comes back: from the back-forward cache as it was, or made anew without what was typed. */
import { type Browser, chromium } from "@playwright/test";
import { test as base, Checkout, expect } from "./checkout.ts";
import { forger } from "./forger.ts";

/** A browser that keeps pages, which Playwright's own do not. */
const test = base.extend<{ kept: Checkout }, { keeping: Browser }>({
  keeping: [
    async ({ launchOptions }, use) => {
      const browser = await chromium.launch({
        ...launchOptions,
        ignoreDefaultArgs: ["--disable-back-forward-cache"],
      });
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
  kept: async ({ keeping, shop }, use) => {
    const page = await keeping.newPage();
    await page.addInitScript(() => {
      addEventListener("pageshow", ({ persisted }) => Object.assign(window, { persisted }));
    });
    await use(new Checkout(page, shop.origin, shop.sandbox));
    await page.close();
  },
});

/** Leaves the page and comes back after some milliseconds; whether it came from the cache. */
async function leaveAndReturn({ page, origin }: Checkout, away = 0): Promise<boolean> {
  await page.goto(`${origin}/elsewhere`);
  await page.waitForTimeout(away);
  await page.goBack({ waitUntil: "commit" });
  return page.evaluate(() => "persisted" in window && window.persisted === true);
}

test("what was typed is there when the page comes back from the cache, twice, and becomes a token", async ({
  kept,
}) => {
  await kept.mount();
  await kept.fill("4242424242424242");
  expect(await leaveAndReturn(kept)).toBe(true);
  expect(await leaveAndReturn(kept)).toBe(true);
  expect(await kept.tokenize()).toMatchObject({ id: expect.stringMatching(/^tok_/), last4: "4242" });
});

test("a card that has become its token is gone from the fields when the page comes back", async ({
  kept,
}) => {
  // What Playwright answers for the page does not outlast the page's absence.
  await kept.mount([await kept.context(), await kept.context()]);
  await kept.fill("4242424242424242");
  expect((await kept.tokenize()).id).toMatch(/^tok_/);
  expect(await leaveAndReturn(kept)).toBe(true);
  for (const field of ["number", "expiry", "cvc"] as const)
    await expect.poll(() => kept.state(field)).toMatchObject({ empty: true });
  expect(await kept.tokenize()).toMatchObject({ code: "card_number_incomplete" });
  // The form is as good as new. Playwright does not know the frames any more, but the browser does.
  for (const [field, text] of [
    ["number", "5555555555554444"],
    ["expiry", "1229"],
    ["cvc", "123"],
  ] as const) {
    await kept.page.evaluate((field) => window.mounted[field].focus(), field);
    await expect
      .poll(() => kept.page.evaluate(() => JSON.stringify(window.events.at(-1))))
      .toContain(`"name":"focus","event":{"field":"${field}"}`);
    await kept.page.keyboard.type(text);
  }
  expect(await kept.tokenize()).toMatchObject({ id: expect.stringMatching(/^tok_/), last4: "4444" });
});

test("a card that was corrected after its token is there when the page comes back", async ({ kept }) => {
  await kept.mount([await kept.context(), await kept.context()]);
  await kept.fill("4242424242424242");
  expect((await kept.tokenize()).id).toMatch(/^tok_/);
  await kept.input("cvc").click();
  await kept.page.keyboard.press("Backspace");
  await kept.page.keyboard.type("4");
  expect(await leaveAndReturn(kept)).toBe(true);
  expect((await kept.tokenize()).id).toMatch(/^tok_/);
});

test("the engine holds nothing of the card while the page is in the cache", async ({ kept }) => {
  await kept.page.addInitScript(() => {
    if (window === window.top) {
      addEventListener("message", ({ data }) => {
        if (data.held) Object.assign(window, data);
      });
      return;
    }
    const { instantiateStreaming } = WebAssembly;
    WebAssembly.instantiateStreaming = async (...given) => {
      const made = await instantiateStreaming(...given);
      const { memory } = made.instance.exports as { memory: WebAssembly.Memory };
      const holds = () => new TextDecoder("latin1").decode(memory.buffer).includes("4242424242424242");
      let before: boolean;
      // In front of the frame's own listener, and the first thing that runs when the page is back.
      addEventListener("pagehide", () => (before = holds()));
      addEventListener("pageshow", () => parent.postMessage({ held: { before, after: holds() } }, "*"));
      return made;
    };
  });
  await kept.mount();
  await kept.fill("4242424242424242");
  expect(await leaveAndReturn(kept)).toBe(true);
  await expect
    .poll(() => kept.page.evaluate(() => "held" in window && window.held))
    .toEqual({ before: true, after: false });
});

test("a context that has expired meanwhile is renewed when the page comes back", async ({ kept }) => {
  const { publish, sign } = await forger(kept);
  await publish();
  let asked = 0;
  const context = kept.context.bind(kept);
  kept.context = async () => {
    asked += 1;
    return context();
  };
  const now = Math.floor(Date.now() / 1000);
  await kept.mount([await sign({ iat: now, exp: now + 14 })]);
  await kept.fill("4242424242424242");
  expect(asked).toBe(0);
  expect(await leaveAndReturn(kept, 15_000)).toBe(true);
  await expect.poll(() => asked).toBe(1);
  expect((await kept.tokenize()).id).toMatch(/^tok_/);
});

test("a page that the cache does not keep comes back with empty fields that work", async ({ checkout }) => {
  const { page, origin, sandbox } = checkout;
  await page.exposeFunction("askContext", () => checkout.context());
  // It makes its form by itself, so that the browser could restore what the fields held.
  await page.addInitScript((vault) => {
    if (window !== window.top || location.pathname !== "/unkept") return;
    addEventListener("load", () => {
      const context = window.askContext;
      window.fields = window.cardseal.createFields({ vault, context });
      for (const field of ["number", "expiry", "cvc"] as const) window.fields.mount(field, `#${field}`);
    });
  }, sandbox.vault);
  await page.goto(`${origin}/unkept`);
  await checkout.fill("4242424242424242");
  expect(await leaveAndReturn(checkout)).toBe(false);
  await page.waitForFunction(() => window.fields !== undefined);
  expect(await checkout.ready()).toBe("ready");
  for (const field of ["number", "expiry", "cvc"] as const)
    await expect(checkout.input(field)).toHaveValue("");
  await checkout.fill("5555555555554444");
  expect(await checkout.tokenize()).toMatchObject({ last4: "4444" });
});
