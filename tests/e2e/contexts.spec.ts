import type { JWTPayload } from "jose";
import { expect, test } from "./checkout.ts";
import { type Forger, forger } from "./forger.ts";

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
  ["for direct mode", "context_via_mismatch", { via: "direct" }],
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
  // Long enough for a slow machine to load the fields in.
  await checkout.mount([await sign({ iat: now, exp: now + 8 })]);
  await checkout.fill("4242424242424242");
  await checkout.page.waitForTimeout(8500);
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

test("a context function that never answers fails the call, and the next call asks again", async ({
  checkout,
}) => {
  await checkout.open();
  const codes = await checkout.page.evaluate(
    async ({ vault, merchant }) => {
      const ask = window.askContext;
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

for (const [title, by] of [
  ["after a pause", undefined],
  ["at once when the browser is online again", "online"],
] as const) {
  test(`a form without its first context asks for it again ${title}`, async ({ checkout }) => {
    await checkout.open();
    const asked = await checkout.page.evaluate(
      async ({ vault, by }) => {
        const ask = window.askContext;
        let asked = 0;
        const context = () => {
          asked += 1;
          return asked === 1 ? Promise.reject(new Error("backend down")) : ask();
        };
        window.fields = window.cardseal.createFields({ vault, context });
        const ready = new Promise((resolve) => window.fields.on("ready", resolve));
        window.fields.mount("number", "#number");
        await window.fields.ready.catch(() => {});
        const before = asked;
        if (by) dispatchEvent(new Event(by));
        const after = asked;
        await ready;
        return [before, after, asked];
      },
      { vault: checkout.sandbox.vault, by },
    );
    expect(asked).toEqual([1, by ? 2 : 1, 2]);
  });
}
