// cardseal/testing/vault: what a shop's unit test does with it, and its tables beside those that they are copies of.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, test } from "@playwright/test";
import type * as Direct from "../../js/direct/index.js";
import { createVaultClient, VaultError } from "../../js/server/index.js";
import { seal } from "../../js/testing/fake/keys.js";
import { STATUS } from "../../js/testing/fake/problem.js";
import { brandOf, PUBLISHED } from "../../js/testing/published.js";
import {
  createTestVault,
  MAGIC_CARDS,
  type MagicCard,
  TEST_CARDS,
  type TestVault,
} from "../../js/testing/vault.js";

const ORIGINS = ["http://localhost:3000"];

const codeOf = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => "none",
    (error: VaultError) => error.code,
  );

const context = async (vault: TestVault, ref = "order-7"): Promise<string> =>
  (await createVaultClient(vault.client).captureContext({ origins: ORIGINS, ref })).context;

test("a backend's order is paid with a token whose card the test can look at", async () => {
  const vault = await createTestVault();
  const backend = createVaultClient(vault.client);
  const card = { ...TEST_CARDS.mastercard, name: "Zoë Müller", postalCode: "AB1 2CD" };
  const token = await vault.tokenize(await context(vault), card);
  expect(token).toEqual({ id: token.id, brand: "mastercard", last4: "4444", ref: "order-7" });
  expect(await backend.tokens({ ref: "order-7" })).toMatchObject([
    { id: token.id, expMonth: 12, expYear: 2039 },
  ]);
  expect(vault.captured).toEqual([
    {
      ...token,
      number: "5555555555554444",
      expMonth: 12,
      expYear: 2039,
      cvc: "123",
      name: "Zoë Müller",
      postalCode: "AB1 2CD",
      origin: "http://localhost:3000",
    },
  ]);
  expect(vault.contexts).toEqual([{ origins: ORIGINS, ref: "order-7" }]);
  await backend.deleteToken(token.id);
  expect(vault.captured).toEqual([]);
});

test("a security code alone takes the place of the one before", async () => {
  const vault = await createTestVault();
  const { id } = await vault.tokenize(await context(vault));
  const request = { origins: ORIGINS, kind: "cvc", token: id } as const;
  const { context: forCode } = await createVaultClient(vault.client).captureContext(request);
  expect((await vault.tokenize(forCode, { ...TEST_CARDS.visa, cvc: "987" })).id).toBe(id);
  expect(vault.captured).toMatchObject([{ id, number: TEST_CARDS.visa.number, cvc: "987" }]);
});

test("a card that the vault refuses rejects with the code, and nothing was captured", async () => {
  const vault = await createTestVault();
  const outcome = vault.tokenize(await context(vault), { number: "4242424242424241" });
  expect(await codeOf(outcome)).toBe("card_number_invalid");
  expect(vault.captured).toEqual([]);
});

test("the next call fails as it was told to, so often and no more", async () => {
  const vault = await createTestVault();
  const once = createVaultClient({ ...vault.client, timeout: 1 });
  vault.fail("rate_limited", { retryAfter: 60 });
  expect(await codeOf(once.captureContext({ origins: ORIGINS }))).toBe("rate_limited");
  // The client tries what may pass again, at once if it need not wait.
  const backend = createVaultClient(vault.client);
  vault.fail("busy", { times: 2, retryAfter: 0, call: "POST /v1/capture-contexts" });
  vault.fail("network_failed", { call: "POST /v1/capture-contexts" });
  expect((await backend.captureContext({ origins: ORIGINS })).context).toContain(".");
  vault.fail("internal", { call: "POST /v1/tokens" });
  const fresh = await context(vault);
  expect(await codeOf(vault.tokenize(fresh))).toBe("internal");
  expect((await vault.tokenize(fresh)).last4).toBe("4242");
  expect(() => vault.fail("element_not_found")).toThrow(VaultError);
});

test("what was reset is as if it had not been", async () => {
  const vault = await createTestVault();
  const { id } = await vault.tokenize(await context(vault));
  vault.fail("internal");
  vault.reset();
  expect([vault.captured, vault.contexts]).toEqual([[], []]);
  expect(await codeOf(createVaultClient(vault.client).token(id))).toBe("not_found");
  expect((await vault.tokenize(await context(vault))).last4).toBe("4242");
});

test("time passes as the test says", async () => {
  let now = 1_800_000_000;
  const vault = await createTestVault({ now: () => now });
  const backend = createVaultClient(vault.client);
  const { context: early } = await backend.captureContext({ origins: ORIGINS });
  now += 901;
  expect(await codeOf(vault.tokenize(early))).toBe("context_expired");
  // The client's access token has ended, too, and it asks for another by itself.
  const { context: late } = await backend.captureContext({ origins: ORIGINS });
  expect((await vault.tokenize(late)).last4).toBe("4242");
});

test("a call whose answer is slow ends when it is aborted", async () => {
  const vault = await createTestVault();
  const order = await context(vault);
  const { number } = MAGIC_CARDS.slow;
  const card = { v: 1, kind: "card", number, exp_month: 12, exp_year: 2039, cvc: "123" };
  const outcome = vault.fetch(`${vault.origin}/v1/tokens`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": "key" },
    body: JSON.stringify({ context: order, sealed_card: await seal(card, order) }),
    signal: AbortSignal.timeout(100),
  });
  await expect(outcome).rejects.toMatchObject({ name: "TimeoutError" });
  expect(vault.captured).toEqual([]);
});

test("on a port it answers there, until it is closed", async () => {
  const vault = await createTestVault();
  const origin = await vault.listen();
  expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect([await vault.listen(), vault.origin, vault.client.api]).toEqual([origin, origin, origin]);
  const { clientId, clientSecret } = vault.client;
  const backend = createVaultClient({ api: origin, clientId, clientSecret });
  const { context } = await backend.captureContext({ origins: ORIGINS });
  expect((await vault.tokenize(context)).last4).toBe("4242");
  await vault.close();
  await expect(fetch(origin)).rejects.toThrow();
});

test("a program that seals by cardseal/direct gets a token of it", async () => {
  const { createSealer }: typeof Direct = await import(pathToFileURL("dist/direct/node.js").href);
  const vault = await createTestVault();
  const request = { origins: [], via: "direct" } as const;
  const { context } = await createVaultClient(vault.client).captureContext(request);
  const sealer = createSealer({ vault: vault.origin, fetch: vault.fetch });
  const card = { number: "4242 4242 4242 4242", expiry: "12/2030", cvc: "123", name: "Zoë" };
  const { id } = await sealer.tokenize(await sealer.seal(context, card));
  expect(vault.captured).toMatchObject([
    { id, number: "4242424242424242", expMonth: 12, expYear: 2030, cvc: "123", name: "Zoë" },
  ]);
});

test("what the package ships works in Node with jose beside it", () => {
  const program = `import { createTestVault } from "cardseal/testing/vault";
    import { createVaultClient } from "cardseal/server";
    const vault = await createTestVault();
    const { context } = await createVaultClient(vault.client).captureContext({ origins: ["http://localhost:3000"] });
    await vault.tokenize(context);
    console.log(vault.captured.map(({ number }) => number).join());`;
  const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", program]);
  expect(printed.toString()).toBe("4242424242424242\n");
  const shipped = readFileSync("dist/testing/vault.js", "utf8");
  const imported = [...shipped.matchAll(/^(?:import|}) .*from "(.+)";$/gm)].map(([, from]) => from);
  expect([...new Set(imported)].sort()).toEqual(["jose", "node:crypto", "node:http"]);
});

test("the magic cards are those of the sandbox's table", () => {
  const [, ...rows] = readFileSync("sandbox/src/magic.csv", "utf8").trim().split("\n");
  const cards: [string, MagicCard][] = Object.entries(MAGIC_CARDS);
  const row = ([name, { number, does, code, times, seconds }]: [string, MagicCard]): string =>
    [
      number,
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      ...[does, code, times, seconds].map((cell) => cell ?? ""),
    ].join();
  expect(cards.map(row)).toEqual(rows);
});

test("the guide has every magic card with its number and its code", () => {
  const lines = readFileSync("docs/testing.md", "utf8").split("\n");
  for (const [name, { number, does, code }] of Object.entries<MagicCard>(MAGIC_CARDS)) {
    const line = lines.find((line) => line.startsWith(`| \`${name}\` | ${number} | `));
    expect(line, name).toBeDefined();
    if (does === "decline") expect(line).toContain(`\`${code}\``);
  }
});

test("the published cards are those of the sandbox's list", () => {
  const lines = readFileSync("sandbox/src/cards.txt", "utf8").split("\n");
  const listed = lines.filter((line) => /^\d/.test(line)).map((line) => line.split(" "));
  expect(listed.map(([number = ""]) => brandOf(number))).toEqual(listed.map(([, brand]) => brand));
  expect(Object.values(PUBLISHED).flatMap((numbers) => numbers.split(" "))).toHaveLength(listed.length);
  for (const { number } of Object.values(TEST_CARDS)) expect(brandOf(number), number).toBeDefined();
});

test("every code has the status that the document of the vault's interface gives it", () => {
  const document = JSON.parse(readFileSync("tests/api/openapi.json", "utf8"));
  const documented: Record<string, number> = {};
  const note = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { status, code } = value as { status?: { enum?: number[] }; code?: { enum?: string[] } };
    for (const of of code?.enum ?? []) documented[of] = status?.enum?.[0] ?? 0;
    for (const inner of Object.values(value)) note(inner);
  };
  note(document);
  // Frames of a release are all that the test vault has not.
  const { release_unknown: _, ...answered } = documented;
  expect({ ...STATUS }).toEqual(answered);
});
