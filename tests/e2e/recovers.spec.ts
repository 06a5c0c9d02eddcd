import { expect, test } from "./checkout.ts";
import { forger } from "./forger.ts";

test("a removed coordinator is rebuilt once with the values typed so far, then the form is lost", async ({
  checkout,
}) => {
  await checkout.mount();
  await checkout.fill("4242424242424242");
  const remove = () =>
    checkout.page.evaluate(() => {
      for (const frame of document.querySelectorAll("iframe"))
        if (frame.src.endsWith("/coordinator")) frame.remove();
    });
  await remove();
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
  await remove();
  expect(await checkout.tokenize()).toMatchObject({ code: "coordinator_lost" });
});

test("a form that is lost asks for no context, by tokenize() or when the browser is online again", async ({
  checkout,
}) => {
  await checkout.open();
  const asked = await checkout.page.evaluate(
    async ({ vault, merchant }) => {
      const ask = window.askContext;
      let asked = 0;
      const context = () => {
        asked += 1;
        return ask();
      };
      const fields = window.cardseal.createFields({ vault, merchant, context });
      const handle = fields.mount("number", "#number");
      const ready = () => new Promise<void>((resolve) => handle.on("ready", () => resolve()));
      const remove = () => document.querySelector("iframe[src$='/coordinator']")?.remove();
      await ready();
      remove();
      await ready();
      const before = asked;
      remove();
      const code = await fields.tokenize().catch((error) => error.code);
      dispatchEvent(new Event("online"));
      return { code, asked: asked - before };
    },
    { vault: checkout.sandbox.vault, merchant: checkout.sandbox.merchant },
  );
  expect(asked).toEqual({ code: "coordinator_lost", asked: 0 });
});

test("a navigated coordinator never gets a value, and the form goes on with a new one", async ({
  checkout,
}) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.page.evaluate((origin) => {
    for (const frame of document.querySelectorAll("iframe"))
      if (frame.src.endsWith("/coordinator")) frame.src = `${origin}/elsewhere`;
  }, checkout.origin);
  await checkout.page.waitForTimeout(500);
  await checkout.fill("4242424242424242");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

test("a vault that is down is network_failed, can be tried again, and makes one token in the end", async ({
  checkout,
}) => {
  await checkout.mount();
  await checkout.fill("4242424242424242");
  await checkout.page.route("**/v1/tokens", (route) => route.abort("connectionrefused"));
  expect(await checkout.tokenize()).toMatchObject({
    code: "network_failed",
    blame: "network",
    retryable: true,
  });
  // Nothing is wrong with the card.
  await expect(checkout.page.locator("#number")).toHaveClass("cardseal-complete");
  await checkout.page.unroute("**/v1/tokens");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

test("an answer lost on the way is asked for again under the same key", async ({ checkout }) => {
  const keys: (string | undefined)[] = [];
  await checkout.mount();
  await checkout.fill("4242424242424242");
  await checkout.page.route("**/v1/tokens", async (route) => {
    keys.push(route.request().headers()["idempotency-key"]);
    const answer = await route.fetch();
    if (keys.length === 1) await route.abort("connectionreset");
    else {
      expect(answer.headers()["idempotent-replayed"]).toBe("true");
      await route.fulfill({ response: answer });
    }
  });
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
  expect(keys).toEqual([keys[0], keys[0]]);
});

test("an answer that is not JSON is response_malformed", async ({ checkout }) => {
  await checkout.mount();
  await checkout.fill("4242424242424242");
  await checkout.page.route("**/v1/tokens", (route) =>
    route.fulfill({ contentType: "text/html", body: "<h1>Proxy</h1>" }),
  );
  expect(await checkout.tokenize()).toMatchObject({ code: "response_malformed", blame: "network" });
});

test("a lost answer and a renewed context still make one token", async ({ checkout }) => {
  const { publish, sign } = await forger(checkout);
  await publish();
  const now = Math.floor(Date.now() / 1000);
  const renewed = checkout.page.waitForResponse("**/.well-known/jwks.json");
  await checkout.mount([await checkout.context(), await sign({ iat: now, exp: now + 900 })]);
  await renewed;
  await checkout.fill("4242424242424242");
  const made: string[] = [];
  await checkout.page.route("**/v1/tokens", async (route) => {
    made.push((await (await route.fetch()).json()).id);
    await route.abort("connectionreset");
  });
  expect(await checkout.tokenize()).toMatchObject({ code: "network_failed" });
  await checkout.page.unroute("**/v1/tokens");
  const token = await checkout.tokenize();
  expect(new Set([...made, token.id]).size).toBe(1);
  await checkout.page.unrouteAll({ behavior: "ignoreErrors" });
});

test("a frame that did not load is loaded again by the next tokenize()", async ({ checkout }) => {
  await checkout.page.route("**/assets/coordinator-*.js", (route) => route.abort());
  await checkout.mount([], 3000);
  expect(await checkout.ready()).toBe("frame_timeout");
  await checkout.page.unroute("**/assets/coordinator-*.js");
  expect(await checkout.tokenize()).toMatchObject({ code: "card_number_incomplete" });
  await checkout.type("number", "4242424242424242");
  await checkout.type("expiry", "1229");
  await checkout.type("cvc", "123");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

test("an unmounted field is told as empty, and the form goes on without it", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.type("number", "4242424242424242");
  const last = await checkout.page.evaluate(() => {
    const names: unknown[] = [];
    window.fields.on("change", (event) => names.push(event));
    window.mounted.number.unmount();
    return names.at(-1);
  });
  expect(last).toEqual({ field: "number", empty: true, complete: false, potentiallyValid: true });
  expect(await checkout.tokenize()).toMatchObject({ code: "field_not_mounted", field: "number" });
});

test("after destroy() nothing is told, though a field of it is unmounted then", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.type("number", "4242");
  const told = await checkout.page.evaluate(() => {
    const told: unknown[] = [];
    window.mounted.number.on("change", (event) => told.push(event));
    window.fields.destroy();
    window.mounted.number.unmount();
    return told;
  });
  expect(told).toEqual([]);
});
