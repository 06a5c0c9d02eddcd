// How direct mode uses the vault: its keys, one request for each sealed card however often it is sent, and nothing unasked.

import { expect, test } from "@playwright/test";
import type * as Direct from "../../js/direct/index.js";
import { vault } from "./engine.ts";
import { CARD, createSealer, failure, load, signer } from "./sealer.ts";

const TOKEN = { id: "tok_3hGq8TnVbX2mWzKfRdLc", brand: "visa", last4: "4242" };

/** A vault that gives these answers in turn, and what it was asked. */
function answering(...answers: ((address: string) => Response)[]) {
  const asked: { readonly address: string; readonly request: RequestInit }[] = [];
  const ask = async (address: unknown, request: RequestInit = {}): Promise<Response> => {
    asked.push({ address: String(address), request });
    const answer = answers.shift();
    if (!answer) throw new TypeError("fetch failed");
    return answer(String(address));
  };
  return { asked, fetch: ask as typeof fetch };
}

const created = (): Response => Response.json({ ...TOKEN, object: "token" }, { status: 201 });

test("the vault's keys are fetched once, and once more past every cache for a key that is new", async () => {
  const [old, current] = [await signer("k1"), await signer("k2")];
  const { asked, fetch } = answering(
    () => Response.json(old.keys),
    () => Response.json({ keys: [old.jwk, current.jwk] }),
  );
  const sealer = createSealer({ vault, fetch });
  await sealer.prepare();
  for (const { sign } of [old, old, current, current]) await sealer.seal(await sign(), CARD);
  expect(asked.map(({ address, request }) => [address, request.cache])).toEqual([
    [`${vault}/.well-known/jwks.json`, "default"],
    [`${vault}/.well-known/jwks.json`, "reload"],
  ]);
});

test("keys that cannot be fetched are asked for again by the next call", async () => {
  const { sign, keys } = await signer();
  const { fetch } = answering(
    () => new Response("", { status: 502 }),
    () => Response.json(keys),
  );
  const sealer = createSealer({ vault, fetch });
  const context = await sign();
  expect(await failure(sealer.seal(context, CARD))).toMatchObject({
    code: "network_failed",
    retryable: true,
  });
  expect((await sealer.seal(context, CARD)).sealedCard).toMatch(/^ey/);
});

test("each call for one sealed card sends the same bytes under the same key, also after it went to another process", async () => {
  const { sign, keys } = await signer();
  const busy = (): Response => new Response("", { status: 503, headers: { "Retry-After": "0" } });
  const { asked, fetch } = answering(busy, created, created);
  const sealed = await createSealer({ vault, keys }).seal(await sign(), CARD);
  expect(await createSealer({ vault, keys, fetch }).tokenize(sealed)).toEqual(TOKEN);
  const elsewhere = createSealer({ vault, fetch });
  expect(await elsewhere.tokenize(JSON.parse(JSON.stringify(sealed)))).toEqual(TOKEN);
  expect(asked).toHaveLength(3);
  for (const { address, request } of asked) {
    expect(address).toBe(`${vault}/v1/tokens`);
    expect(request.body).toBe(JSON.stringify({ context: sealed.context, sealed_card: sealed.sealedCard }));
    expect(request.headers).toMatchObject({ "Idempotency-Key": sealed.idempotencyKey });
  }
});

test("what the vault refuses is told, and a signal ends a call", async () => {
  const { sign, keys } = await signer();
  const problem = { status: 422, headers: { "Content-Type": "application/problem+json" } };
  const refused = answering(() => new Response('{"code":"card_refused"}', problem));
  const sealed = await createSealer({ vault, keys }).seal(await sign(), CARD);
  const sealer = createSealer({ vault, fetch: refused.fetch });
  expect(await failure(sealer.tokenize(sealed))).toMatchObject({ code: "card_refused", blame: "rejected" });
  const aborted = failure(sealer.tokenize(sealed, { signal: AbortSignal.abort() }));
  expect((await aborted).code).toBe("aborted");
  const half = { ...sealed, idempotencyKey: undefined } as unknown as Direct.SealedCard;
  expect((await failure(sealer.tokenize(half))).code).toBe("options_invalid");
  const signal = {} as AbortSignal;
  expect((await failure(sealer.tokenize(sealed, { signal }))).code).toBe("options_invalid");
});

const OPTIONS: readonly (readonly [string, unknown])[] = [
  ["nothing", undefined],
  ["no vault", {}],
  ["a vault in clear", { vault: "http://vault.example" }],
  ["a vault with a path", { vault: `${vault}/v1` }],
  ["keys that are none", { vault, keys: [] }],
  ["a fetch that is none", { vault, fetch: {} }],
  ["an unknown option", { vault, card: "4242424242424242" }],
];

for (const [what, options] of OPTIONS) {
  test(`createSealer() with ${what} is options_invalid at once`, async () => {
    const made = (async () => createSealer(options as Direct.SealerOptions))();
    expect((await failure(made)).code).toBe("options_invalid");
  });
}

test("importing it does nothing: no request, no timer, no engine", async () => {
  const seen: string[] = [];
  const [{ fetch }, { instantiate }] = [globalThis, WebAssembly];
  globalThis.fetch = async () => Promise.reject(seen.push("fetch"));
  WebAssembly.instantiate = async () => Promise.reject(seen.push("engine"));
  try {
    const again = await load("?again");
    again.createSealer({ vault });
  } finally {
    globalThis.fetch = fetch;
    WebAssembly.instantiate = instantiate;
  }
  expect(seen).toEqual([]);
});
