// The vault's table is asked once for eight digits, and what goes wrong there is nobody's concern.

import { expect, test } from "@playwright/test";
import type { Brand } from "../../js/brands.js";
import { makeBins } from "../../js/frame/bins.js";
import type { BinFacts } from "../../js/frame/core.js";

const BIN = "40355010";
const OTHER = "45710000";

/** A table that gives these answers, what was asked of it, and what an engine has learned from it that holds `held`. */
function table(answer: (address: string, request: RequestInit) => Promise<Response>) {
  const asked: [address: string, request: RequestInit][] = [];
  const learned: [bin: string, facts: object][] = [];
  const preferred: (string | undefined)[] = [];
  const engine = {
    held: BIN,
    networks: undefined as Brand[] | undefined,
    lookup: () => engine.held,
    inform: (bin: string, facts: BinFacts) => void learned.push([bin, facts]),
    view: () => ({ ...VIEW, ...(engine.networks && { networks: engine.networks }) }),
    prefer: (network: Brand | undefined) => void preferred.push(network),
  };
  const bins = makeBins(
    engine,
    () => {},
    (address, request) => {
      asked.push([address, request]);
      return answer(address, request);
    },
  );
  return { bins, engine, asked, learned, preferred };
}

const VIEW = { empty: false, complete: true, potentiallyValid: true };
const FACTS = { networks: ["cartes-bancaires", "visa"], funding: "debit", country: "FR" };
const json = async (body: unknown): Promise<Response> => new Response(JSON.stringify(body));

test("asks once, without credentials, referrer or a trace in a cache, and remembers the answer", async () => {
  const { bins, asked, learned } = table(() => json({ ...FACTS, later: true }));
  bins.look();
  bins.look();
  await bins.answered();
  expect(learned).toEqual([[BIN, FACTS]]);
  bins.look();
  expect(learned).toHaveLength(2);
  expect(asked).toHaveLength(1);
  expect(asked[0]?.[0]).toBe(`/v1/bins/${BIN}`);
  expect(asked[0]?.[1]).toMatchObject({
    credentials: "omit",
    referrerPolicy: "no-referrer",
    redirect: "error",
    cache: "no-store",
  });
});

test("digits that are corrected at once are not asked for", async () => {
  const { bins, engine, asked, learned } = table(() => json({ networks: [] }));
  bins.look();
  engine.held = OTHER;
  bins.look();
  await bins.answered();
  expect(asked.map(([address]) => address)).toEqual([`/v1/bins/${OTHER}`]);
  expect(learned).toEqual([[OTHER, { networks: [], funding: undefined, country: undefined }]]);
});

test("an answer that nobody waits for any more is not heard", async () => {
  let give = (_: Response): void => {};
  const { bins, asked, learned } = table(() => new Promise((resolve) => (give = resolve)));
  bins.look();
  const answered = bins.answered();
  await expect.poll(() => asked.length).toBe(1);
  bins.forget();
  expect(asked[0]?.[1].signal?.aborted).toBe(true);
  give(await json(FACTS));
  await answered;
  expect(learned).toEqual([]);
});

test("a failure is not told, not learned from, and not repeated for the same digits", async () => {
  for (const answer of [
    async () => Promise.reject(new TypeError("blocked")),
    async () => new Response("{}", { status: 429 }),
    async () => new Response("<html>"),
    async () => json(null),
    async () => json({ networks: "visa" }),
  ]) {
    const { bins, asked, learned } = table(answer);
    bins.look();
    await bins.answered();
    bins.look();
    await bins.answered();
    expect(learned).toEqual([]);
    expect(asked).toHaveLength(1);
  }
});

test("of several networks the wanted one is chosen, else the issuer's preference", async () => {
  const { bins, engine, preferred } = table(() => json(FACTS));
  engine.networks = ["cartes-bancaires", "visa"];
  bins.look();
  await bins.answered();
  expect(preferred).toEqual(["cartes-bancaires"]);
  expect(bins.wants("visa")).toBe(false);
  expect(bins.wants("visa")).toBe(true);
  bins.choose();
  bins.wants("dankort");
  bins.choose();
  engine.networks = undefined;
  bins.choose();
  expect(preferred).toEqual(["cartes-bancaires", "visa", "cartes-bancaires"]);
});
