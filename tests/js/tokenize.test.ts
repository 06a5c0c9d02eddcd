// What is sent again, how often, after how long, and what an answer may be.

import { expect, test } from "@playwright/test";
import { Failure } from "../../js/seal/failure.js";
import { postToken, type World } from "../../js/seal/tokenize.js";

const REQUEST = {
  body: '{"context":"a.b.c","sealed_card":"1.2.3.4.5"}',
  key: "00112233445566778899aabbccddeeff",
};
const TOKEN = { id: "tok_3hGq8TnVbX2mWzKfRdLc", brand: "visa", last4: "4242" };
const CREATED = (): Response => json(201, { ...TOKEN, object: "token", ref: "o_1" });

function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });
}

function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return json(
    status,
    { type: "about:blank", status, code },
    { "Content-Type": "application/problem+json", ...headers },
  );
}

type Answer = () => Response | Promise<Response>;

/** A world that gives the answers in turn and writes down what was asked of it. */
function world(...answers: Answer[]) {
  const sent: { address: string; request: RequestInit }[] = [];
  const pauses: number[] = [];
  const made: World = {
    fetch: async (address, request) => {
      sent.push({ address, request });
      const answer = answers.shift();
      if (!answer) throw new Error("asked once too often");
      return answer();
    },
    wait: async (milliseconds) => void pauses.push(milliseconds),
    random: () => 0,
  };
  return { made, sent, pauses };
}

const fails: Answer = () => Promise.reject(new TypeError("fetch failed"));
const quiet = (): AbortSignal => new AbortController().signal;

async function codeOf(outcome: Promise<unknown>): Promise<string> {
  const error = await outcome.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Failure);
  return error instanceof Failure ? error.code : "";
}

test("posts the bytes once and gives the token without what the vault said beside it", async () => {
  const { made, sent, pauses } = world(CREATED);
  expect(await postToken(REQUEST, quiet(), made)).toEqual(TOKEN);
  expect(pauses).toEqual([]);
  expect(sent).toHaveLength(1);
  expect(sent[0]?.address).toBe("/v1/tokens");
  expect(sent[0]?.request).toMatchObject({
    method: "POST",
    body: REQUEST.body,
    credentials: "omit",
    redirect: "error",
  });
});

test("tries network failure, 429 and 503 again with the same bytes under the same key", async () => {
  const { made, sent, pauses } = world(
    fails,
    () => problem(429, "rate_limited"),
    () => problem(503, "busy"),
    CREATED,
  );
  expect(await postToken(REQUEST, quiet(), made)).toEqual(TOKEN);
  expect(pauses).toEqual([500, 1000, 2000]);
  for (const { request } of sent) {
    expect(request.body).toBe(REQUEST.body);
    expect(request.headers).toMatchObject({ "Idempotency-Key": REQUEST.key });
  }
});

test("takes up to half of a pause away at random", async () => {
  const { made, pauses } = world(fails, CREATED);
  await postToken(REQUEST, quiet(), { ...made, random: () => 1 });
  expect(pauses).toEqual([250]);
});

test("gives up after four tries and says why", async () => {
  expect(await codeOf(postToken(REQUEST, quiet(), world(fails, fails, fails, fails).made))).toBe(
    "network_failed",
  );
  const busy: Answer = () =>
    new Response("<h1>503</h1>", { status: 503, headers: { "Content-Type": "text/html" } });
  expect(await codeOf(postToken(REQUEST, quiet(), world(busy, busy, busy, busy).made))).toBe("busy");
});

test("waits as long as Retry-After asks", async () => {
  const { made, pauses } = world(() => problem(429, "rate_limited", { "Retry-After": "3" }), CREATED);
  await postToken(REQUEST, quiet(), made);
  expect(pauses).toEqual([3000]);
});

test("does not wait longer than a shopper would", async () => {
  const { made, sent, pauses } = world(() => problem(503, "busy", { "Retry-After": "120" }));
  expect(await codeOf(postToken(REQUEST, quiet(), made))).toBe("busy");
  expect(pauses).toEqual([]);
  expect(sent).toHaveLength(1);
});

test("takes a Retry-After that is no number of seconds for none", async () => {
  for (const value of ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "1e9", "soon"]) {
    const { made, pauses } = world(() => problem(503, "busy", { "Retry-After": value }), CREATED);
    await postToken(REQUEST, quiet(), made);
    expect(pauses).toEqual([500]);
  }
});

test("never tries again what the vault refused", async () => {
  for (const [status, code] of [
    [400, "sealed_card_rejected"],
    [409, "context_spent"],
    [401, "context_expired"],
    [422, "idempotency_key_reused"],
    [500, "internal"],
  ] as const) {
    const { made, sent } = world(() => problem(status, code));
    expect(await codeOf(postToken(REQUEST, quiet(), made))).toBe(code);
    expect(sent).toHaveLength(1);
  }
});

test("takes nothing for a token that is not one", async () => {
  for (const answer of [
    () => new Response("<html>", { status: 200, headers: { "Content-Type": "text/html" } }),
    () => new Response("", { status: 201 }),
    () => json(201, null),
    () => json(201, "token"),
    () => json(201, { ...TOKEN }),
    () => json(201, { ...TOKEN, object: "card" }),
    () => json(201, { ...TOKEN, object: "token", last4: 4242 }),
    () => json(201, { ...TOKEN, object: "token", brand: "unheard-of" }),
    () => json(201, { ...TOKEN, object: "token", id: "" }),
  ]) {
    expect(await codeOf(postToken(REQUEST, quiet(), world(answer).made))).toBe("response_malformed");
  }
});

test("takes nothing for a code that is not one of this call", async () => {
  for (const answer of [
    () => new Response("not found", { status: 404 }),
    () => json(400, { code: "sealed_card_rejected" }),
    () => problem(400, "4242424242424242"),
    () => problem(400, "toString"),
    () => problem(401, "client_invalid"),
  ]) {
    expect(await codeOf(postToken(REQUEST, quiet(), world(answer).made))).toBe("response_malformed");
  }
});

test("ends at once when it is aborted, before a try, during one and between two", async () => {
  const before = new AbortController();
  before.abort();
  expect(await codeOf(postToken(REQUEST, before.signal, world(fails).made))).toBe("aborted");

  const during = new AbortController();
  const hanging: Answer = () => new Promise((_, reject) => during.signal.addEventListener("abort", reject));
  const outcome = codeOf(postToken(REQUEST, during.signal, world(hanging).made));
  during.abort();
  expect(await outcome).toBe("aborted");

  const between = new AbortController();
  const { made, sent } = world(fails);
  const waits = postToken(REQUEST, between.signal, {
    ...made,
    wait: async () => {
      between.abort();
      throw between.signal.reason;
    },
  });
  expect(await codeOf(waits)).toBe("aborted");
  expect(sent).toHaveLength(1);
});

test("tries again when an answer breaks off", async () => {
  const broken: Answer = () =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.error(new TypeError("broken off")),
      }),
      { status: 201 },
    );
  const { made } = world(broken, CREATED);
  expect(await postToken(REQUEST, quiet(), made)).toEqual(TOKEN);
});
