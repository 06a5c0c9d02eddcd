/** How the frames load, and what the page hears when something of it does not. */
import { type Checkout, expect, test } from "./checkout.ts";
import { forger } from "./forger.ts";

/** The causes that the page heard so far, each with the field whose frame it is. */
async function causes(checkout: Checkout): Promise<{ field?: string; cause: string; code: string }[]> {
  return checkout.page.evaluate(() =>
    window.events
      .filter(({ name }) => name === "loaderror")
      .map(({ event }) => event as { field?: string; cause: string; error: { code: string } })
      .map(({ field, cause, error }) => ({ ...(field && { field }), cause, code: error.code })),
  );
}

test("all frames load side by side: each is asked for before any has come", async ({ checkout }) => {
  let waiting = 0;
  let open = (): void => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  await checkout.page.route("**/f/**", async (route) => {
    waiting += 1;
    if (waiting === 4) open();
    await all;
    await route.continue();
  });
  await checkout.mount();
  expect(await checkout.ready()).toBe("ready");
});

test("the engine and the vault's keys are asked for before the frame has heard of a context", async ({
  checkout,
}) => {
  await checkout.open();
  const asked = new Set<string>();
  const both = new Promise<void>((resolve) => {
    checkout.page.on("request", (request) => {
      asked.add(new URL(request.url()).pathname.replace(/-\w+\.wasm$/, ".wasm"));
      if (asked.has("/.well-known/jwks.json") && asked.has("/assets/cardseal_bg.wasm")) resolve();
    });
  });
  await checkout.page.exposeFunction("both", () => both);
  const outcome = await checkout.page.evaluate(
    async ({ vault, merchant }) => {
      const { askContext, both } = window as unknown as Record<"askContext" | "both", () => Promise<string>>;
      const context = async () => {
        await both?.();
        return (await askContext?.()) ?? "";
      };
      const fields = window.cardseal.createFields({ vault, merchant, context });
      fields.mount("number", "#number");
      return fields.ready.then(() => "ready");
    },
    { vault: checkout.sandbox.vault, merchant: checkout.sandbox.merchant },
  );
  expect(outcome).toBe("ready");
});

test("frames that the page's own policy forbids are told as blocked", async ({ checkout }) => {
  await checkout.page.addInitScript(() => {
    if (window !== window.top) return;
    addEventListener("DOMContentLoaded", () => {
      const policy = document.createElement("meta");
      policy.httpEquiv = "Content-Security-Policy";
      policy.content = "frame-src 'none'";
      document.head.append(policy);
    });
  });
  // Long before the timeout: the browser says at once that something came, and it does not speak.
  await checkout.mount([], 60_000);
  expect(await checkout.ready()).toBe("frame_timeout");
  await expect.poll(() => causes(checkout)).toContainEqual({ cause: "blocked", code: "frame_timeout" });
  for (const field of ["number", "expiry", "cvc"])
    await expect
      .poll(() => causes(checkout))
      .toContainEqual({ field, cause: "blocked", code: "frame_timeout" });
  expect((await causes(checkout)).every(({ cause }) => cause === "blocked")).toBe(true);
});

test("a frame that nobody answers for is told as timeout", async ({ checkout }) => {
  await checkout.page.route("**/f/**/coordinator*", () => {});
  await checkout.mount([], 1500);
  expect(await checkout.ready()).toBe("frame_timeout");
  expect(await causes(checkout)).toEqual([{ cause: "timeout", code: "frame_timeout" }]);
  await checkout.page.unrouteAll({ behavior: "ignoreErrors" });
});

test("a frame whose script takes long is not told as blocked", async ({ checkout }) => {
  await checkout.page.route("**/assets/{field,coordinator}-*.js", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 4500));
    await route.continue();
  });
  await checkout.mount();
  expect(await checkout.ready()).toBe("ready");
  expect(await causes(checkout)).toEqual([]);
});

test("an engine that takes longer than the timeout is told as timeout", async ({ checkout }) => {
  await checkout.page.route("**/assets/*.wasm", () => {});
  await checkout.mount([], 1500);
  expect(await checkout.ready()).toBe("frame_timeout");
  expect(await causes(checkout)).toEqual([{ cause: "timeout", code: "frame_timeout" }]);
  await checkout.page.unrouteAll({ behavior: "ignoreErrors" });
});

test("a frame that speaks after it was told as blocked is not loaded again", async ({ checkout }) => {
  await checkout.page.addInitScript(() => {
    if (!location.pathname.endsWith("/cvc")) return;
    const listener = (event: MessageEvent): void => {
      event.stopImmediatePropagation();
      removeEventListener("message", listener, true);
      const { data, origin, source, ports } = event;
      setTimeout(
        () => dispatchEvent(new MessageEvent("message", { data, origin, source, ports: [...ports] })),
        4000,
      );
    };
    addEventListener("message", listener, true);
  });
  let documents = 0;
  checkout.page.on("request", (request) => {
    if (new URL(request.url()).pathname.endsWith("/cvc")) documents += 1;
  });
  await checkout.mount();
  await expect
    .poll(() => causes(checkout))
    .toEqual([{ field: "cvc", cause: "blocked", code: "frame_timeout" }]);
  await checkout.page.waitForTimeout(3500);
  expect(documents).toBe(1);
  await checkout.typeCard("4242424242424242");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

test("what was typed stays in a field that waits for its coordinator", async ({ checkout }) => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  await checkout.page.route("**/assets/coordinator-*.js", async (route) => {
    await opened;
    // Of a frame that was loaded anew meanwhile.
    await route.continue().catch(() => {});
  });
  await checkout.mount([], 2000);
  await checkout.page.frameLocator("#number iframe").locator("#number").waitFor();
  await checkout.type("number", "42424242");
  const frame = checkout.frame("number");
  expect(await checkout.ready()).toBe("frame_timeout");
  await checkout.page.evaluate(() => dispatchEvent(new Event("online")));
  // As long as the first pause before another try.
  await checkout.page.waitForTimeout(2500);
  expect(frame.isDetached()).toBe(false);
  await expect(checkout.input("number")).toBeFocused();
  open();
  await expect.poll(() => checkout.state("number"), { timeout: 15_000 }).toMatchObject({ empty: false });
  await checkout.page.keyboard.type("42424242");
  await checkout.type("expiry", "1229");
  await checkout.type("cvc", "123");
  expect(await checkout.tokenize()).toMatchObject({ last4: "4242" });
  expect((await causes(checkout)).every(({ field, cause }) => !field && cause === "timeout")).toBe(true);
});

test("a frame that does not load is tried again after longer and longer pauses, four times in all", async ({
  checkout,
}) => {
  const times: number[] = [];
  await checkout.page.route("**/f/**/cvc*", (route) => {
    times.push(Date.now());
    return route.abort("connectionrefused");
  });
  await checkout.open();
  // A dark page's frames have an address with a fragment: set once more, it would load nothing.
  await checkout.page.evaluate(
    ({ vault, merchant }) => {
      const context = window.askContext;
      window.fields = window.cardseal.createFields({ vault, merchant, context, timeout: 500, theme: "dark" });
      window.fields.mount("cvc", "#cvc");
    },
    { vault: checkout.sandbox.vault, merchant: checkout.sandbox.merchant },
  );
  await expect.poll(() => times.length, { timeout: 25_000 }).toBe(4);
  const [first = 0, second = 0, third = 0, fourth = 0] = times;
  expect(third - second).toBeGreaterThan(second - first);
  expect(fourth - third).toBeGreaterThan(third - second);
  // The page's own call is a try more, whenever it comes.
  await checkout.page.waitForTimeout(1000);
  expect(times).toHaveLength(4);
  await checkout.tokenize();
  expect(times).toHaveLength(5);
});

test("a field that is moved in vain is told as blocked, and tried again as often as one that was never ready", async ({
  checkout,
}) => {
  let documents = 0;
  let up = false;
  await checkout.page.route("**/f/**/cvc*", (route) => {
    documents += 1;
    return up ? route.continue() : route.abort("connectionrefused");
  });
  await checkout.mount([], 1000);
  // Each time that it is asked to, until it does not try by itself any more.
  for (let tries = 1; tries <= 4; tries += 1) {
    await expect
      .poll(async () => (await causes(checkout)).filter(({ field }) => field === "cvc").length)
      .toBe(tries);
    up = tries === 4;
    await checkout.page.evaluate(() => dispatchEvent(new Event("online")));
  }
  const ready = () =>
    checkout.page.evaluate(
      () =>
        window.events.filter(
          ({ name, event }) => name === "ready" && (event as { field: string }).field === "cvc",
        ).length,
    );
  await expect.poll(ready).toBe(1);
  expect(documents).toBe(5);
  up = false;
  await checkout.page.evaluate(() =>
    document.querySelector("main")?.append(document.querySelector("#cvc") ?? ""),
  );
  await expect
    .poll(async () => (await causes(checkout)).filter(({ field }) => field === "cvc"))
    .toEqual(Array.from({ length: 5 }, () => ({ field: "cvc", cause: "blocked", code: "frame_timeout" })));
  up = true;
  await expect.poll(ready).toBe(2);
  expect(documents).toBe(7);
  await checkout.typeCard("4242424242424242");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

test("a field that is moved in vain is loaded again by the next tokenize()", async ({ checkout }) => {
  await checkout.mount();
  await checkout.fill("4242424242424242");
  await checkout.page.route("**/f/**/cvc*", (route) => route.abort("connectionrefused"));
  await checkout.page.evaluate(() =>
    document.querySelector("main")?.append(document.querySelector("#cvc") ?? ""),
  );
  await expect
    .poll(() => causes(checkout))
    .toEqual([{ field: "cvc", cause: "blocked", code: "frame_timeout" }]);
  await checkout.page.unroute("**/f/**/cvc*");
  expect(await checkout.tokenize()).toMatchObject({ code: "cvc_incomplete" });
  await checkout.type("cvc", "123");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

test("a context that expired before its frame had it is told as such, and the call gets a fresh one", async ({
  checkout,
}) => {
  const { publish, sign } = await forger(checkout);
  await publish();
  // The key set comes only after the context's life.
  await checkout.page.route("**/.well-known/jwks.json", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await route.fallback();
  });
  const now = Math.floor(Date.now() / 1000);
  await checkout.mount([await sign({ iat: now, exp: now + 2 })]);
  expect(await checkout.ready()).toBe("context_expired");
  expect(await causes(checkout)).toEqual([{ cause: "context_expired", code: "context_expired" }]);
  await checkout.typeCard("4242424242424242");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
  await checkout.page.unrouteAll({ behavior: "ignoreErrors" });
});

test("a context for another origin is told as origin_not_allowed", async ({ checkout }) => {
  const { publish, sign } = await forger(checkout);
  await publish();
  await checkout.mount([await sign({ origins: ["https://evil.example"] })]);
  expect(await checkout.ready()).toBe("origin_not_allowed");
  expect(await causes(checkout)).toEqual([{ cause: "origin_not_allowed", code: "origin_not_allowed" }]);
  await checkout.page.unrouteAll({ behavior: "ignoreErrors" });
});
