// What a merchant's backend gets from cardseal/server, whatever the network and the vault do.

import { expect, test } from "@playwright/test";
import { Webhook as Signer } from "standardwebhooks";
import {
  createVaultClient,
  type VaultClientOptions,
  VaultError,
  verifyWebhook,
} from "../../js/server/index.js";

const API = "https://api.vault.example";
const REQUEST = { origins: ["https://shop.example"], shippingCountry: "DE" };
const CONTEXT = { context: "a.b.c", expires_at: 1_800_000_900 };
const STORED = {
  id: "tok_1",
  object: "token",
  brand: "visa",
  last4: "4242",
  exp_month: 9,
  exp_year: 2031,
  mode: "test",
  created_at: 1_800_000_000,
  review: [],
};

type Answer = (request: Request) => Response | Promise<Response>;

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => {
  return () => new Response(JSON.stringify(body), { status, headers });
};
const refusal = (status: number, code: string, headers: Record<string, string> = {}): Answer =>
  json(status, { type: "about:blank", title: "Refused", status, code, detail: `It is ${code}.` }, headers);
const access = (token: string, seconds = 900): Answer =>
  json(200, { access_token: token, token_type: "Bearer", expires_in: seconds, scope: "capture:create" });
const fails: Answer = () => Promise.reject(new TypeError("fetch failed"));

/** A client in front of a vault that gives these answers in turn; what it was asked is written down. */
function clientOf(answers: Answer[], options: Partial<VaultClientOptions> = {}) {
  const asked: Request[] = [];
  const client = createVaultClient({
    api: API,
    clientId: "shop one",
    clientSecret: "s+c r:t",
    fetch: async (address, init) => {
      const request = new Request(address, init);
      asked.push(request);
      const answer = answers.shift();
      if (!answer) throw new Error("asked once too often");
      return answer(request);
    },
    ...options,
  });
  return { client, asked, rest: answers };
}

async function errorOf(outcome: Promise<unknown>): Promise<VaultError> {
  const error = await outcome.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof VaultError)) throw new Error(`no VaultError but ${String(error)}`);
  return error;
}

test("a capture context is asked for with a token of the client's, in the words of the wire", async () => {
  const { client, asked } = clientOf([access("one"), json(201, CONTEXT)]);
  expect(await client.captureContext(REQUEST)).toEqual({ context: "a.b.c", expiresAt: 1_800_000_900 });
  const [granting, creating] = asked;
  expect(granting?.url).toBe(`${API}/oauth/token`);
  // RFC 6749 section 2.3.1: form-encoded, then joined, then Base64.
  expect(granting?.headers.get("authorization")).toBe(`Basic ${btoa("shop+one:s%2Bc+r%3At")}`);
  expect(await granting?.text()).toBe("grant_type=client_credentials");
  expect(creating?.headers.get("authorization")).toBe("Bearer one");
  expect(await creating?.json()).toEqual({ origins: ["https://shop.example"], shipping_country: "DE" });
});

test("an access token serves many calls, also those that need the first one at once", async () => {
  const { client, rest } = clientOf([
    access("one"),
    json(201, CONTEXT),
    json(201, CONTEXT),
    json(201, CONTEXT),
  ]);
  await Promise.all([client.captureContext(REQUEST), client.captureContext(REQUEST)]);
  await client.captureContext(REQUEST);
  expect(rest).toEqual([]);
});

test("an access token that is about to end is not used again", async () => {
  const { client, asked } = clientOf([
    access("one", 30),
    json(201, CONTEXT),
    access("two"),
    json(201, CONTEXT),
  ]);
  await client.captureContext(REQUEST);
  await client.captureContext(REQUEST);
  expect(asked.at(-1)?.headers.get("authorization")).toBe("Bearer two");
});

test("an access token that the vault refuses is replaced once", async () => {
  const refused = refusal(401, "access_token_invalid");
  const { client, asked } = clientOf([access("one"), refused, access("two"), json(201, CONTEXT)]);
  expect((await client.captureContext(REQUEST)).context).toBe("a.b.c");
  expect(asked).toHaveLength(4);

  const hopeless = clientOf([access("one"), refused, access("two"), refused]);
  expect((await errorOf(hopeless.client.captureContext(REQUEST))).code).toBe("access_token_invalid");
});

test("what may pass is tried again under the same key, what may not is told at once", async () => {
  const passing = [
    fails,
    refusal(503, "busy", { "Retry-After": "0" }),
    refusal(429, "rate_limited", { "Retry-After": "0" }),
    refusal(409, "idempotency_in_flight", { "Retry-After": "0" }),
    () => new Response("<h1>Bad gateway</h1>", { status: 502 }),
  ];
  const { client, asked } = clientOf([access("one"), ...passing, json(201, CONTEXT)]);
  expect((await client.captureContext(REQUEST)).context).toBe("a.b.c");
  const keys = new Set(asked.slice(1).map((request) => request.headers.get("idempotency-key")));
  expect(keys.size).toBe(1);
  expect([...keys][0]).toMatch(/^[!-~]{1,255}$/);

  const lasting = clientOf([access("one"), refusal(400, "origin_not_registered")]);
  const error = await errorOf(lasting.client.captureContext(REQUEST));
  expect(error).toMatchObject({ code: "origin_not_registered", status: 400, retryable: false });
  expect(error.message).toContain("It is origin_not_registered.");
});

test("nothing is waited for that lies beyond the time there is", async () => {
  const limited = clientOf([access("one"), refusal(429, "rate_limited", { "Retry-After": "3600" })]);
  const error = await errorOf(limited.client.captureContext(REQUEST));
  expect(error).toMatchObject({ code: "rate_limited", retryable: true });

  const hanging: Answer = ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const late = clientOf([hanging], { timeout: 50 });
  expect((await errorOf(late.client.captureContext(REQUEST))).code).toBe("timeout");
});

test("an answer that no vault gives is an error, not a context", async () => {
  for (const odd of [
    () => new Response("<html>", { status: 200 }),
    () => new Response(null, { status: 200 }),
    () => new Response("null", { status: 200 }),
    () => new Response("no", { status: 404 }),
  ]) {
    const { client } = clientOf([access("one"), odd]);
    expect((await errorOf(client.captureContext(REQUEST))).code).toBe("response_malformed");
  }
});

test("tokens are read and deleted, one that is gone is gone", async () => {
  const { client, asked } = clientOf([
    access("one"),
    json(200, STORED),
    json(200, { object: "list", tokens: [STORED] }),
    () => new Response(null, { status: 204 }),
    refusal(404, "not_found"),
    refusal(404, "not_found"),
  ]);
  expect(await client.token("tok/1")).toMatchObject({ expMonth: 9, createdAt: 1_800_000_000 });
  expect(await client.tokens({ ref: "o 1&x" })).toMatchObject([{ id: "tok_1", expYear: 2031 }]);
  await client.deleteToken("tok_1");
  await client.deleteToken("tok_1");
  expect((await errorOf(client.token("tok_1"))).code).toBe("not_found");
  expect(asked.slice(1, 3).map(({ url }) => url)).toEqual([
    `${API}/v1/tokens/tok%2F1`,
    `${API}/v1/tokens?ref=o+1%26x`,
  ]);
  // An id that is a path of its own asks nothing of the vault.
  for (const id of ["", ".", ".."]) expect((await errorOf(client.token(id))).code).toBe("not_found");
  expect(asked).toHaveLength(6);
});

test("an option that cannot be right is refused before anything is sent", () => {
  for (const wrong of [
    { api: "http://api.vault.example" },
    { api: "https://api.vault.example/v1" },
    { api: "api.vault.example" },
    { api: "https://user@api.vault.example" },
    { clientId: "" },
    { timeout: 0 },
    { timeout: Number.NaN },
  ]) {
    expect(() => clientOf([], wrong), JSON.stringify(wrong)).toThrow(VaultError);
  }
  expect(() => clientOf([], { api: "http://127.0.0.1:8443" })).not.toThrow();
});

const SECRETS = [40, 24].map((length) => `whsec_${Buffer.alloc(length, length).toString("base64")}`) as [
  string,
  string,
];
const BODY = '{"type":"token.deleted","note":"Grüße"}';

/** The headers with which a webhook is sent, signed by the reference library. */
function signed(secret: string, at = new Date()): Record<string, string> {
  const signature = new Signer(secret).sign("msg_1", at, BODY);
  return {
    "webhook-id": "msg_1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": signature,
  };
}

test("a webhook that the holder of a secret signed is given with its id, its time and its payload", async () => {
  const headers = signed(SECRETS[0]);
  const webhook = { id: "msg_1", payload: { type: "token.deleted", note: "Grüße" } };
  for (const given of [headers, new Headers(headers)]) {
    expect(await verifyWebhook(given, BODY, { secrets: SECRETS[0] })).toMatchObject(webhook);
  }
  const bytes = new Uint8Array(Buffer.from(BODY));
  expect(await verifyWebhook(headers, bytes, { secrets: SECRETS[0] })).toMatchObject(webhook);
});

test("while a secret is renewed both are good, on either side", async () => {
  const [old, fresh] = SECRETS;
  await verifyWebhook(signed(old), BODY, { secrets: [fresh, old] });
  const both = signed(old);
  both["webhook-signature"] =
    `v1a,AAAA v1,AAAA ${both["webhook-signature"]} ${signed(fresh)["webhook-signature"]}`;
  await verifyWebhook(both, BODY, { secrets: fresh });
});

test("a webhook that was changed, moved in time or signed by somebody else is refused", async () => {
  const headers = signed(SECRETS[0]);
  const secrets = SECRETS[0];
  const later = String(Number(headers["webhook-timestamp"]) + 1);
  for (const [changed, body, by] of [
    [headers, BODY.replace("deleted", "created"), secrets],
    [{ ...headers, "webhook-id": "msg_2" }, BODY, secrets],
    [{ ...headers, "webhook-timestamp": later }, BODY, secrets],
    [{ ...headers, "webhook-timestamp": "soon" }, BODY, secrets],
    [{ ...headers, "webhook-signature": "v1," }, BODY, secrets],
    [{ ...headers, "webhook-signature": "v1,%%%" }, BODY, secrets],
    [{}, BODY, secrets],
    [headers, BODY, SECRETS[1]],
  ] as const) {
    expect((await errorOf(verifyWebhook(changed, body, { secrets: by }))).code).toBe("webhook_invalid");
  }
});

test("a webhook of another time is a replay, unless one tolerates it", async () => {
  for (const minutes of [-6, 6]) {
    const headers = signed(SECRETS[0], new Date(Date.now() + minutes * 60_000));
    const error = await errorOf(verifyWebhook(headers, BODY, { secrets: SECRETS[0] }));
    expect(error.code).toBe("webhook_expired");
    await verifyWebhook(headers, BODY, { secrets: SECRETS[0], tolerance: 600 });
  }
});

test("what is no secret is told, whatever was signed", async () => {
  for (const secrets of [[], "", "secret", "whsec_c2hvcnQ=", "whsec_%"]) {
    const error = await errorOf(verifyWebhook(signed(SECRETS[0]), BODY, { secrets }));
    expect(error.code).toBe("options_invalid");
  }
});
