import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { type Checkout, expect, type Field, test } from "./checkout.ts";

const typed: [string, Field, string, string, Record<string, unknown>][] = [
  ["letters", "number", "abc", "", { empty: true }],
  ["emoji", "number", "💳💳", "", { empty: true }],
  [
    "a wrong check digit",
    "number",
    "4242424242424241",
    "4242 4242 4242 4241",
    { complete: false, error: { code: "card_number_invalid" } },
  ],
  ["an expired date", "expiry", "1220", "12 / 20", { complete: false, error: { code: "expiry_past" } }],
  [
    "a month that does not exist",
    "expiry",
    "1329",
    "13 / 29",
    { complete: false, error: { code: "expiry_invalid" } },
  ],
];

for (const [what, field, text, shown, state] of typed) {
  test(`${what} in the ${field} field is shown and told for what it is`, async ({ checkout }) => {
    await checkout.mount();
    await checkout.ready();
    await checkout.type(field, text);
    await checkout.page.keyboard.press("Tab");
    await expect(checkout.input(field)).toHaveValue(shown);
    if ("empty" in state) expect((await checkout.state(field))?.empty ?? true).toBe(true);
    else await expect.poll(() => checkout.state(field)).toMatchObject(state);
  });
}

async function paste(checkout: Checkout, field: Field, text: string): Promise<void> {
  await checkout.input(field).focus();
  await checkout.frame(field).evaluate((text) => document.execCommand("insertText", false, text), text);
}

test("thirty pasted digits are an error, not another number", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await paste(checkout, "number", "424242424242424242424242424242");
  await expect.poll(() => checkout.state("number")).toMatchObject({ error: { code: "card_number_invalid" } });
});

test("a pasted paragraph leaves its digits only", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await paste(checkout, "number", "My card is 4242 4242\u00a04242-4242, thank you! — Zoë");
  await expect(checkout.input("number")).toHaveValue("4242 4242 4242 4242");
});

test("a four-digit code on Visa is refused, also when the number comes later", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.type("cvc", "1234");
  await expect.poll(() => checkout.state("cvc")).toMatchObject({ complete: true });
  await checkout.type("number", "4242424242424242");
  await expect
    .poll(() => checkout.state("cvc"))
    .toMatchObject({ complete: false, error: { code: "cvc_invalid" } });
  await checkout.type("expiry", "1229");
  expect(await checkout.tokenize()).toMatchObject({ code: "cvc_invalid", blame: "input", field: "cvc" });
});

test("tokenize() before the card is complete names the first field and marks it", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.type("number", "4242");
  expect(await checkout.tokenize()).toMatchObject({
    code: "card_number_incomplete",
    blame: "input",
    field: "number",
  });
  await expect(checkout.input("number")).toHaveAttribute("aria-invalid", "true");
  const described = await checkout.input("number").getAttribute("aria-describedby");
  await expect(checkout.frame("number").locator(`#${described}`)).not.toBeEmpty();
});

test("tokenize() is refused while one is under way", async ({ checkout }) => {
  await checkout.mount();
  await checkout.fill("4242424242424242");
  const [first, second] = await Promise.all([checkout.tokenize(), checkout.tokenize()]);
  expect(second).toMatchObject({ code: "tokenize_in_progress", blame: "misuse" });
  expect(first.id).toMatch(/^tok_/);
});

test("nothing works after destroy(), and nothing is left of the form", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.page.evaluate(() => window.fields.destroy());
  expect(await checkout.page.locator("iframe").count()).toBe(0);
  const code = await checkout.page.evaluate(() => window.fields.tokenize().catch((error) => error.code));
  expect(code).toBe("destroyed");
});

test("a spent context makes no second token", async ({ checkout }) => {
  const context = await checkout.context();
  await checkout.mount([context, context]);
  await checkout.fill("4242424242424242");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
  expect(await checkout.tokenize()).toMatchObject({ code: "context_spent", blame: "misuse" });
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

test("a real number that is no published test number is refused by the sandbox", async ({ checkout }) => {
  await checkout.mount();
  await checkout.fill("4539578763621486");
  expect(await checkout.tokenize()).toMatchObject({ code: "test_card_required" });
});

test("a form is refused in a page whose origin the context does not list", async ({ checkout, context }) => {
  const other = await checkout.sandbox.context({ origins: [checkout.origin] });
  // The same server under another name is another origin.
  const page = await context.newPage();
  await page.goto(checkout.origin.replace("127.0.0.1", "localhost"));
  await page.waitForFunction(() => window.cardseal !== undefined);
  const code = await page.evaluate(
    ({ vault, merchant, other }) => {
      const fields = window.cardseal.createFields({
        vault,
        merchant,
        timeout: 4000,
        context: async () => other,
      });
      fields.mount("number", "#number");
      return fields.ready.then(() => "ready").catch((error) => error.code);
    },
    { vault: checkout.sandbox.vault, merchant: checkout.sandbox.merchant, other },
  );
  // The vault's own frame-ancestors stops the browser before the frame could tell why.
  expect(code).toBe("frame_timeout");
});

/** Contexts signed by a key that the vault's published keys are made to contain. */
async function forger(checkout: Checkout) {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "another-key", use: "sig", alg: "ES256" };
  const genuine = await checkout.context();
  const claims: JWTPayload = JSON.parse(Buffer.from(genuine.split(".")[1] ?? "", "base64url").toString());
  return {
    genuine,
    publish: () =>
      checkout.page.route("**/.well-known/jwks.json", async (route) => {
        const keys = await (await route.fetch()).json();
        await route.fulfill({ json: { keys: [...keys.keys, jwk] } });
      }),
    sign: (changes: JWTPayload, typ = "cardseal-context+jwt") =>
      new SignJWT({ ...claims, ...changes })
        .setProtectedHeader({ alg: "ES256", kid: "another-key", typ })
        .sign(privateKey),
  };
}

type Forger = Awaited<ReturnType<typeof forger>>;

const contexts: [string, string, (by: Forger) => Promise<string>][] = [
  ["signed by another key", "context_forged", async ({ sign }) => sign({})],
  [
    "with a changed claim",
    "context_forged",
    async ({ genuine }) => {
      const [header, claims = "", signature] = genuine.split(".");
      const changed = Buffer.from(claims, "base64url").toString().replace('"test"', '"live"');
      return [header, Buffer.from(changed).toString("base64url"), signature].join(".");
    },
  ],
  ["that is no context", "context_malformed", async () => "hello"],
];

for (const [what, code, make] of contexts) {
  test(`a context ${what} is ${code}`, async ({ checkout }) => {
    const context = await make(await forger(checkout));
    await checkout.mount([context]);
    expect(await checkout.ready()).toBe(code);
  });
}

const published: [string, string, JWTPayload, string?][] = [
  ["of another vault", "context_issuer_mismatch", { iss: "https://other.example" }],
  ["for another origin", "origin_not_allowed", { origins: ["https://evil.example"] }],
  ["of another type", "context_forged", {}, "at+jwt"],
  ["with an unknown claim", "context_malformed", { admin: true }],
];

for (const [what, code, changes, typ] of published) {
  test(`a context ${what} is ${code}, even with a key the vault publishes`, async ({ checkout }) => {
    const { publish, sign } = await forger(checkout);
    await publish();
    await checkout.mount([await sign(changes, typ)]);
    expect(await checkout.ready()).toBe(code);
    await checkout.page.unrouteAll({ behavior: "ignoreErrors" });
  });
}

test("an expired context is replaced by a fresh one, and the typed values survive", async ({ checkout }) => {
  const { publish, sign } = await forger(checkout);
  await publish();
  const now = Math.floor(Date.now() / 1000);
  await checkout.mount([await sign({ iat: now, exp: now + 2 })]);
  await checkout.fill("4242424242424242");
  await checkout.page.waitForTimeout(2500);
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

test("a context function that fails is told with its cause", async ({ checkout }) => {
  await checkout.open();
  const told = await checkout.page.evaluate((vault) => {
    const fields = window.cardseal.createFields({
      vault,
      context: () => Promise.reject(new Error("backend down")),
    });
    fields.mount("number", "#number");
    return fields.ready.catch(({ code, blame, cause }) => ({ code, blame, cause: cause?.message }));
  }, checkout.sandbox.vault);
  expect(told).toEqual({ code: "context_unavailable", blame: "misuse", cause: "backend down" });
});

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

test("no refusal leaves a digit in what the vault printed or in an event", async ({ checkout }) => {
  await checkout.mount();
  await checkout.fill("4539578763621486", "1229", "871");
  await checkout.tokenize();
  const events = await checkout.page.evaluate(() => JSON.stringify(window.events) + window.received.join());
  for (const text of [events, checkout.sandbox.program.output]) {
    // Eight digits in a row, or the code as a value: shorter runs occur in random text.
    expect(text).not.toMatch(/45395787|63621486|["' ]871["' ]/);
  }
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

test("a context function that never answers fails the call, and the next call asks again", async ({
  checkout,
}) => {
  await checkout.open();
  const codes = await checkout.page.evaluate(
    async ({ vault, merchant }) => {
      const ask = (window as unknown as { askContext: () => Promise<string> }).askContext;
      let asked = 0;
      const context = () => {
        asked += 1;
        return asked === 1 ? new Promise<string>(() => {}) : ask();
      };
      const fields = window.cardseal.createFields({ vault, merchant, context, timeout: 3000 });
      fields.mount("number", "#number");
      const first = await fields.ready.catch((error) => error.code);
      const second = await fields.tokenize().catch((error) => error.code);
      return [first, second];
    },
    { vault: checkout.sandbox.vault, merchant: checkout.sandbox.merchant },
  );
  expect(codes).toEqual(["context_unavailable", "card_number_incomplete"]);
});

test("a signal that is none is refused and locks nothing", async ({ checkout }) => {
  await checkout.mount();
  await checkout.fill("4242424242424242");
  const code = await checkout.page.evaluate(() =>
    window.fields
      .tokenize({ signal: new AbortController() as unknown as AbortSignal })
      .catch((error) => error.code),
  );
  expect(code).toBe("options_invalid");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

test("an aborted call ends with aborted, and the next one makes the token", async ({ checkout }) => {
  await checkout.mount();
  await checkout.fill("4242424242424242");
  const code = await checkout.page.evaluate(() => {
    const controller = new AbortController();
    const token = window.fields.tokenize({ signal: controller.signal });
    controller.abort();
    return token.catch((error) => error.code);
  });
  expect(code).toBe("aborted");
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
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
  expect(last).toEqual({ field: "number", empty: true, complete: false });
  expect(await checkout.tokenize()).toMatchObject({ code: "field_not_mounted", field: "number" });
});
