/** What a page or its frames send: sealed cards, good and bad, and magic ones. */
import { randomUUID } from "node:crypto";
import { expect } from "@playwright/test";
import { decodeJwt } from "jose";
import { MAGIC_CARDS, type MagicCard } from "../../../js/testing/magic.js";
import { type Changes, type Clause, expectProblem, ORIGIN } from "./hands.ts";

export const CAPTURE: Record<string, Clause> = {
  "a sealed card becomes one token, however often it is sent": async (hands) => {
    const ref = randomUUID();
    const context = await hands.context({ ref });
    const [sealed, other] = [await hands.seal(context), await hands.seal(context)];
    const key = randomUUID();
    const first = await hands.send(context, sealed, key);
    expect(first.status).toBe(201);
    expect(first.body).toEqual({
      id: expect.stringMatching(/^tok_[a-z0-9]{32}$/),
      object: "token",
      brand: "visa",
      last4: "4242",
      ref,
    });
    const again = await hands.send(context, sealed, key);
    expect(again.body).toEqual(first.body);
    expect([first, again].map(({ headers }) => headers.get("idempotent-replayed"))).toEqual([null, "true"]);
    expectProblem(await hands.send(context, other, key), 422, "idempotency_key_reused");
    expectProblem(await hands.send(context, other), 409, "context_spent");
    const twin = await hands.context({ ref: randomUUID() });
    const twice = await hands.seal(twin);
    const both = await Promise.all([hands.send(twin, twice, "twin"), hands.send(twin, twice, "twin")]);
    expect(both.map(({ status }) => status)).toEqual([201, 201]);
    expect(both[0].body).toEqual(both[1].body);
    const { body } = await hands.call(`GET /v1/tokens?ref=${ref}`);
    expect(body).toMatchObject({ object: "list", tokens: [{ id: first.body.id }] });
    expect(body.tokens).toHaveLength(1);
  },

  "a request for a token that is not as it should be is refused": async (hands) => {
    const context = await hands.context();
    const sealed = await hands.seal(context);
    const post = (body: string, headers: Record<string, string> = {}) =>
      hands.ask(`${hands.place.vault}/v1/tokens`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": "key", ...headers },
        body,
      });
    const right = JSON.stringify({ context, sealed_card: sealed });
    expectProblem(await post("{"), 400, "body_malformed");
    expectProblem(await post(JSON.stringify({ context })), 400, "body_malformed");
    expectProblem(await post(`{"more":1,${right.slice(1)}`), 400, "body_malformed");
    expectProblem(await post(right.padEnd(33_000)), 413, "body_too_large");
    expectProblem(await post(right, { "Content-Type": "text/plain" }), 415, "unsupported_media_type");
    expectProblem(await post(right, { "Idempotency-Key": "a b" }), 400, "idempotency_key_invalid");
    expectProblem(await post(right, { Origin: ORIGIN }), 403, "origin_not_allowed");

    const [header = "", payload = "", signature = ""] = context.split(".");
    const changed = `${signature.slice(0, 9)}${signature[9] === "A" ? "B" : "A"}${signature.slice(10)}`;
    for (const [context, status, code] of [
      ["a.b.c", 400, "context_malformed"],
      [`${header}.${payload}`, 400, "context_malformed"],
      [`${header}.${payload}.${changed}`, 403, "context_forged"],
    ] as const) {
      expectProblem(await hands.send(context, sealed), status, code);
    }
  },

  "a sealed card that is not the protocol's or not the context's is refused": async (hands) => {
    const hour = 3600;
    const cases: [Changes, number, string][] = [
      [{ header: { typ: "JWT" } }, 400, "sealed_card_header_invalid"],
      [{ header: { cty: "card" } }, 400, "sealed_card_header_invalid"],
      [{ header: { iat: "now" } }, 400, "sealed_card_header_invalid"],
      [{ header: { ctx: "another" } }, 422, "sealed_card_mismatch"],
      [{ header: { org: "https://elsewhere.example" } }, 422, "sealed_card_mismatch"],
      [{ header: { iat: Math.floor(Date.now() / 1000) + hour } }, 422, "sealed_card_mismatch"],
      [{ plaintext: "x".repeat(513) }, 400, "sealed_card_malformed"],
      [{ plaintext: "no card" }, 422, "sealed_card_rejected"],
      [{ plaintext: '{"v":1,"kind":"cvc","cvc":"123"}' }, 422, "sealed_card_rejected"],
      [{ card: { v: 2 } }, 422, "sealed_card_rejected"],
      [{ card: { exp_month: "12" } }, 422, "sealed_card_rejected"],
      [{ card: { iban: "DE" } }, 422, "sealed_card_rejected"],
    ];
    for (const [changes, status, code] of cases) {
      expectProblem(await hands.token({}, changes), status, code, JSON.stringify(changes));
    }
    const context = await hands.context();
    const sealed = await hands.seal(context);
    for (const compact of [sealed.slice(0, -2), sealed.split(".").slice(1).join("."), `${sealed}=`]) {
      expectProblem(await hands.send(context, compact), 400, "sealed_card_malformed");
    }
    const parts = sealed.split(".");
    parts[4] = Buffer.alloc(16, 7).toString("base64url");
    expectProblem(await hands.send(context, parts.join(".")), 422, "sealed_card_rejected");
  },

  "a card that breaks a rule is refused with the rule's code and field": async (hands) => {
    const year = new Date().getUTCFullYear();
    for (const [card, code, field, request] of [
      [{ number: "4242424242424241" }, "card_number_invalid", "number"],
      [{ number: "4242 4242 4242 4242" }, "card_number_invalid", "number"],
      [{ number: "424242" }, "card_number_incomplete", "number"],
      [{ exp_month: 13 }, "expiry_invalid", "expiry"],
      [{ exp_year: year - 1 }, "expiry_past", "expiry"],
      [{ exp_year: year + 21 }, "expiry_too_far", "expiry"],
      [{ cvc: "12" }, "cvc_incomplete", "cvc"],
      [{ cvc: "1234" }, "cvc_invalid", "cvc"],
      [{ cvc: "12a" }, "cvc_invalid", "cvc"],
      [{ cvc: undefined }, "cvc_incomplete", "cvc"],
      [{ number: "378282246310005" }, "cvc_incomplete", "cvc"],
      [{ name: "4242 4242 42" }, "name_invalid", "name"],
      [{ name: " " }, "name_invalid", "name"],
      [{}, "name_invalid", "name", { fields: ["number", "expiry", "name"] }],
      [{ postal_code: "§" }, "postal_code_invalid", "postal_code"],
      [{}, "postal_code_invalid", "postal_code", { fields: ["number", "expiry", "postal_code"] }],
      [{}, "brand_not_accepted", "number", { brands: ["mastercard"] }],
      [{}, "card_not_accepted", "number", { bins: ["41"] }],
      [{}, "card_not_accepted", "number", { deny_bins: ["424"] }],
      [{ network: "mastercard" }, "network_invalid", "network"],
      [{ number: "4539578763621486" }, "test_card_required", undefined],
    ] as [object, string, string | undefined, object?][]) {
      const said = await hands.token({ ...request }, { card: { ...card } });
      expectProblem(said, 422, code, JSON.stringify(card));
      expect(said.body.field).toBe(field);
    }
  },

  "a context whose cards were refused ten times is dead": async (hands) => {
    const context = await hands.context();
    const wrong = await hands.seal(context, { card: { cvc: "1" } });
    for (let tries = 0; tries < 10; tries += 1) {
      expectProblem(await hands.send(context, wrong), 422, "cvc_incomplete");
    }
    expectProblem(await hands.send(context, await hands.seal(context)), 403, "context_exhausted");
  },

  "a security code can be captured alone": async (hands) => {
    const without = { fields: ["number", "expiry"], ref: "order" };
    const made = await hands.token(without, { card: { cvc: undefined } });
    const token = String(made.body.id);
    expect((await hands.call(`GET /v1/tokens/${token}`)).body).not.toHaveProperty("cvc");
    const context = await hands.context({ kind: "cvc", token });
    expect(decodeJwt(context)).toMatchObject({
      kind: "cvc",
      token,
      brands: ["visa"],
      fields: ["cvc"],
      expose: [],
    });
    const code = (cvc: string) =>
      hands.seal(context, { plaintext: JSON.stringify({ v: 1, kind: "cvc", cvc }) });
    expectProblem(await hands.send(context, await hands.seal(context)), 422, "sealed_card_rejected");
    expectProblem(await hands.send(context, await code("1234")), 422, "cvc_invalid");
    const kept = await hands.send(context, await code("123"));
    expect([kept.status, kept.body]).toEqual([201, made.body]);
    expect((await hands.call(`GET /v1/tokens/${token}`)).body.cvc).toBe("held");
    for (const more of [{ ref: "o" }, { brands: ["visa"] }, { fields: ["cvc"] }]) {
      const said = await hands.call("POST /v1/capture-contexts", {
        origins: [ORIGIN],
        kind: "cvc",
        token,
        ...more,
      });
      expectProblem(said, 400, "options_invalid");
    }
  },

  "a page that captures directly may read the answer, another may not": async (hands) => {
    const context = await hands.context({ via: "direct" });
    const page = { Origin: ORIGIN };
    const said = await hands.send(context, await hands.seal(context), randomUUID(), page);
    expect([said.status, said.headers.get("access-control-allow-origin")]).toEqual([201, ORIGIN]);
    const again = await hands.send(context, await hands.seal(context), randomUUID(), page);
    expectProblem(again, 409, "context_spent");
    expect(again.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    const busy = await hands.context({ via: "direct" });
    const { number } = MAGIC_CARDS.busy;
    const magic = await hands.send(busy, await hands.seal(busy, { card: { number } }), randomUUID(), page);
    expectProblem(magic, 503, "busy");
    expect(magic.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    const program = await hands.context({ via: "direct", origins: [] });
    const sealed = await hands.seal(program, { header: { org: hands.place.vault } });
    expect((await hands.send(program, sealed)).status).toBe(201);

    const preflight = (Origin: string) =>
      hands.ask(`${hands.place.vault}/v1/tokens`, { method: "OPTIONS", headers: { Origin } });
    const allowed = await preflight(ORIGIN);
    expect([allowed.status, allowed.headers.get("access-control-allow-methods")]).toEqual([204, "POST"]);
    expectProblem(await preflight("https://elsewhere.example"), 403, "origin_not_allowed");
  },

  "a magic card does its magic to each order, and is a token then": async (hands) => {
    const cards: [string, MagicCard][] = Object.entries(MAGIC_CARDS);
    for (const [name, { number, does, code, times, seconds = 0 }] of cards) {
      // What waits is tested where nobody has to wait for it.
      if (does === "delay") continue;
      const context = await hands.context({ ref: randomUUID() });
      const [sealed, key] = [await hands.seal(context, { card: { number } }), randomUUID()];
      const send = () => hands.send(context, sealed, key);
      const spoils = ["refuse", "cut", "lose"].includes(does);
      for (let tries = 0; spoils && tries < (times ?? 5); tries += 1) {
        if (does === "refuse") {
          const said = await send();
          expectProblem(said, said.status, String(code), name);
          if (seconds > 0) expect(said.headers.get("retry-after"), name).toBe(String(seconds));
        } else expect(await send().catch((error: Error) => error.name), name).toBe("TypeError");
      }
      if (spoils && times === undefined) continue;
      const said = await send();
      expect(said.status, name).toBe(201);
      expect(said.headers.get("idempotent-replayed"), name).toBe(does === "lose" ? "true" : null);
      const { review } = (await hands.call(`GET /v1/tokens/${said.body.id}`)).body;
      expect(review, name).toEqual(does === "review" ? ["magic_card"] : []);
    }
  },
};
