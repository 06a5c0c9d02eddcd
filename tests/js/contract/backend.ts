/** What a merchant's backend asks: access tokens, capture contexts, and what has become of its tokens. */
import { randomUUID } from "node:crypto";
import { expect } from "@playwright/test";
import { compactVerify, decodeJwt, importJWK, type JWK } from "jose";
import { type Clause, expectProblem, ORIGIN } from "./hands.ts";

export const BACKEND: Record<string, Clause> = {
  "an access token is given to a client that proves itself": async (hands) => {
    const granted = await hands.grant({ grant_type: "client_credentials", scope: "tokens:read" });
    expect(granted.status).toBe(200);
    expect(granted.body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 900,
      scope: "tokens:read",
    });
    for (const [form, secret, status, code, error] of [
      [{ grant_type: "client_credentials" }, "wrong", 401, "client_invalid", "invalid_client"],
      [{ grant_type: "password" }, undefined, 400, "grant_invalid", "unsupported_grant_type"],
      [{ grant_type: "client_credentials", scope: "all" }, undefined, 400, "scope_invalid", "invalid_scope"],
    ] as const) {
      const said = await hands.grant(form, secret);
      expectProblem(said, status, code);
      expect(said.body.error).toBe(error);
      expect(said.headers.get("www-authenticate")).toEqual(
        status === 401 ? expect.stringMatching(/^Basic /) : null,
      );
    }
    const nobody = { Authorization: "Basic %" };
    const form = new URLSearchParams({ grant_type: "client_credentials" });
    const stranger = { method: "POST", headers: nobody, body: form };
    expectProblem(await hands.ask(`${hands.place.api}/oauth/token`, stranger), 401, "client_invalid");
    const json = { "Content-Type": "application/json" };
    const said = await hands.ask(`${hands.place.api}/oauth/token`, {
      method: "POST",
      headers: json,
      body: "{}",
    });
    expectProblem(said, 415, "unsupported_media_type");
  },

  "a call needs an access token with its scope": async (hands) => {
    const { body } = await hands.grant({ grant_type: "client_credentials", scope: "tokens:delete" });
    for (const [authorization, status, code] of [
      ["", 401, "access_token_invalid"],
      ["Bearer a.b.c", 401, "access_token_invalid"],
      ["Basic %", 401, "access_token_invalid"],
      [`Bearer ${body.access_token}`, 403, "scope_missing"],
    ] as const) {
      const said = await hands.call("GET /v1/tokens/tok_none", undefined, { Authorization: authorization });
      expectProblem(said, status, code);
      expect(said.headers.get("www-authenticate")).toMatch(/^Bearer /);
    }
  },

  "a context has the claims of the protocol, signed by a published key": async (hands) => {
    const request = { ref: "order-7", amount: { value: 1, currency: "EUR" }, shipping_country: "DE" };
    const context = await hands.context(request);
    const { keys } = (await hands.ask(`${hands.place.vault}/.well-known/jwks.json`)).body as { keys: JWK[] };
    const { protectedHeader } = await compactVerify(context, async ({ kid }) =>
      importJWK(keys.find((key) => key.kid === kid) as JWK, "ES256"),
    );
    expect(Object.keys(protectedHeader).sort()).toEqual(["alg", "kid", "typ"]);
    const claims = decodeJwt<Record<string, unknown>>(context);
    expect(claims).toEqual({
      iss: hands.place.vault,
      aud: "cardseal-capture",
      sub: expect.any(String),
      jti: expect.stringMatching(/^[\w-]{22}$/),
      iat: expect.any(Number),
      exp: Number(claims.iat) + 900,
      origins: [ORIGIN],
      mode: "test",
      via: "fields",
      kind: "card",
      key: keys.map(({ kty, use, alg, kid, n, e }) => ({ kty, use, alg, kid, n, e })).find(({ n }) => n),
      brands: [],
      expose: ["brand"],
      fields: ["number", "expiry", "cvc"],
      ref: "order-7",
    });
  },

  "a context that cannot be is refused": async (hands) => {
    for (const [request, code] of [
      [{ origins: ["https://elsewhere.example"] }, "origin_not_registered"],
      [{ origins: [] }, "options_invalid"],
      [{ origins: [`${ORIGIN}/`] }, "options_invalid"],
      [{ origins: [ORIGIN, ORIGIN] }, "options_invalid"],
      [{ via: "phone" }, "options_invalid"],
      [{ kind: "cvc" }, "options_invalid"],
      [{ kind: "card", token: "tok_none" }, "options_invalid"],
      [{ kind: "cvc", token: "tok_none" }, "not_found"],
      [{ ref: "" }, "options_invalid"],
      [{ ref: "a\nb" }, "options_invalid"],
      [{ expose: ["number"] }, "options_invalid"],
      [{ brands: [] }, "options_invalid"],
      [{ brands: ["money"] }, "options_invalid"],
      [{ bins: ["42424242"] }, "options_invalid"],
      [{ fields: ["number"] }, "options_invalid"],
      [{ fields: ["number", "expiry", "iban"] }, "options_invalid"],
      [{ amount: { value: 1, currency: "EURO" } }, "options_invalid"],
      [{ amount: { value: 1e13, currency: "EUR" } }, "options_invalid"],
      [{ shipping_country: "Germany" }, "options_invalid"],
      [{ amount: 1 }, "body_malformed"],
      [{ origins: ORIGIN }, "body_malformed"],
      [{ colour: "red" }, "body_malformed"],
    ] as const) {
      const said = await hands.call("POST /v1/capture-contexts", { origins: [ORIGIN], ...request });
      expectProblem(said, code === "not_found" ? 404 : 400, code, JSON.stringify(request));
    }
    expectProblem(await hands.call("POST /v1/capture-contexts", "[]"), 400, "body_malformed");
    const text = { "Content-Type": "text/plain" };
    expectProblem(await hands.call("POST /v1/capture-contexts", "{}", text), 415, "unsupported_media_type");
  },

  "a context is made once under one key": async (hands) => {
    const headers = { "Idempotency-Key": randomUUID() };
    const ask = (body: unknown) => hands.call("POST /v1/capture-contexts", body, headers);
    const first = await ask({ origins: [ORIGIN] });
    const again = await ask({ origins: [ORIGIN] });
    expect(again.body).toEqual(first.body);
    expect([first, again].map(({ headers }) => headers.get("idempotent-replayed"))).toEqual([null, "true"]);
    expectProblem(await ask({ origins: [ORIGIN], ref: "o" }), 422, "idempotency_key_reused");
    const odd = { "Idempotency-Key": "a b" };
    const said = await hands.call("POST /v1/capture-contexts", { origins: [ORIGIN] }, odd);
    expectProblem(said, 400, "idempotency_key_invalid");
  },

  "what is known of a token is told without its number, and the card to who may have it": async (hands) => {
    const ref = `order & ${randomUUID()}`;
    const card = { name: " Zoë Müller ", postal_code: "AB1 2CD" };
    const { id } = (await hands.token({ ref }, { card })).body;
    const known = await hands.call(`GET /v1/tokens/${id}`);
    const { fingerprint: _, ...metadata } = known.body;
    expect(known.status).toBe(200);
    expect(metadata).toEqual({
      id,
      object: "token",
      brand: "visa",
      bin: "42424242",
      last4: "4242",
      exp_month: 12,
      exp_year: 2039,
      cvc: "held",
      ref,
      mode: "test",
      created_at: expect.any(Number),
      review: [],
    });
    expect((await hands.call(`GET /v1/tokens?${new URLSearchParams({ ref })}`)).body).toMatchObject({
      object: "list",
      tokens: [metadata],
    });
    expectProblem(await hands.call("GET /v1/tokens"), 400, "options_invalid");
    expectProblem(await hands.call("GET /v1/tokens?ref=a&ref=b"), 400, "options_invalid");
    expect((await hands.call(`POST /v1/tokens/${id}/reveal`, { reason: "dispute 4711" })).body).toEqual({
      number: "4242424242424242",
      exp_month: 12,
      exp_year: 2039,
      name: "Zoë Müller",
      postal_code: "AB1 2CD",
    });
    for (const reason of ["", "card 4242 4242 4242", "a\nb"]) {
      expectProblem(await hands.call(`POST /v1/tokens/${id}/reveal`, { reason }), 400, "options_invalid");
    }
    expectProblem(await hands.call(`POST /v1/tokens/${id}/reveal`, { why: "x" }), 400, "body_malformed");
  },

  "a deleted token is gone, and so is the answer that named it": async (hands) => {
    const context = await hands.context();
    const [sealed, key] = [await hands.seal(context), randomUUID()];
    const { id } = (await hands.send(context, sealed, key)).body;
    expect((await hands.call(`DELETE /v1/tokens/${id}`)).status).toBe(204);
    for (const line of [
      `GET /v1/tokens/${id}`,
      `DELETE /v1/tokens/${id}`,
      "GET /v1/tokens/tok_none",
      "GET /v1/tokens/%FF",
    ]) {
      expectProblem(await hands.call(line), 404, "not_found");
    }
    expectProblem(await hands.call(`POST /v1/tokens/${id}/reveal`, { reason: "x" }), 404, "not_found");
    expectProblem(await hands.send(context, sealed, key), 409, "context_spent");
  },

  "an address or a method that is none is refused": async (hands) => {
    expectProblem(await hands.call("GET /v2/tokens"), 404, "not_found");
    expectProblem(await hands.call("PUT /oauth/token"), 405, "method_not_allowed");
    expectProblem(await hands.call("PATCH /v1/tokens/tok_none"), 405, "method_not_allowed");
  },
};
