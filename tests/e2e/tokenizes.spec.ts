import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Request, Response } from "@playwright/test";
import { type Checkout, expect, test } from "./checkout.ts";

const cards = [
  { title: "Visa", brand: "visa", number: "4242424242424242", shown: "4242 4242 4242 4242", cvc: "737" },
  {
    title: "Mastercard of the 2-series",
    brand: "mastercard",
    number: "2223003122003222",
    shown: "2223 0031 2200 3222",
    cvc: "968",
  },
  {
    title: "American Express",
    brand: "american-express",
    number: "378282246310005",
    shown: "3782 822463 10005",
    cvc: "9157",
  },
  {
    title: "19-digit",
    brand: "unionpay",
    number: "6205500000000000004",
    shown: "6205 5000 0000 0000 004",
    cvc: "864",
  },
];

/** Everything that crossed the network, in clear as the browser knows it. */
function recordTraffic({ page }: Checkout): Promise<string>[] {
  const traffic: Promise<string>[] = [];
  const headers = async (message: Request | Response) => JSON.stringify(await message.allHeaders());
  page.on("request", (request) => {
    traffic.push(
      headers(request).then((headers) => `${request.url()}\n${headers}\n${request.postData() ?? ""}`),
    );
  });
  page.on("response", (response) => {
    const asset = response.url().includes("/assets/") || response.url().endsWith("/cardseal.js");
    const body = asset ? Promise.resolve("") : response.text().catch(() => "");
    traffic.push(Promise.all([headers(response), body]).then((parts) => parts.join("\n")));
  });
  return traffic;
}

/** What must appear nowhere. Short digits count only where they stand alone: random text has any three digits. */
function traces({ number, cvc }: { number: string; cvc: string }): RegExp[] {
  const spaced = [...number].join("[ \\u00a0-]?");
  const middle = [...number.slice(4, 12)].join("[ \\u00a0-]?");
  const alone = (text: string) => new RegExp(`(?<![0-9A-Za-z_./+=:,-])${text}(?![0-9A-Za-z_./+=-])`);
  return [
    new RegExp(spaced),
    new RegExp(middle),
    alone(cvc),
    alone("12 ?/ ?(20)?29"),
    alone("1229"),
    /"?exp_?(month|year)"?:/i,
  ];
}

for (const card of cards) {
  test(`a ${card.title} card typed key by key becomes a token, and nobody but the vault saw it`, async ({
    checkout,
  }) => {
    const traffic = recordTraffic(checkout);
    await checkout.mount();
    expect(await checkout.ready()).toBe("ready");
    await checkout.fill(card.number, "1229", card.cvc);
    expect(await checkout.input("number").inputValue()).toBe(card.shown);
    expect(await checkout.input("expiry").inputValue()).toBe("12 / 29");
    expect(await checkout.state("number")).toMatchObject({ complete: true, brand: card.brand });

    const token = await checkout.tokenize();
    expect(token).toEqual({
      id: expect.stringMatching(/^tok_[\w-]{20,}$/),
      brand: card.brand,
      last4: card.number.slice(-4),
    });

    const { page, sandbox } = checkout;
    // All that is asked in clear, of the vault alone and once; in the middle of a number the same digits are a trace.
    const asked = `${sandbox.vault}/v1/bins/${card.number.slice(0, 8)}\n`;
    const network = (await Promise.all(traffic)).join("\n").split(asked);
    expect(network).toHaveLength(2);
    const seen = new Map<string, string>([
      ["a message to the page", await page.evaluate(() => window.received.join("\n"))],
      ["an event of the form", await page.evaluate(() => JSON.stringify(window.events))],
      ["the page's DOM", await page.content()],
      ["the network", network.join("")],
      ["the vault's output", sandbox.program.output],
    ]);
    for (const [path, bytes] of sandbox.data.files()) seen.set(path, bytes.toString("latin1"));
    expect([...seen.keys()].some((path) => path.endsWith(".sqlite"))).toBe(true);
    expect(seen.get("a message to the page")).not.toBe("");
    expect(seen.get("the network")).toContain("sealed_card");
    for (const [place, text] of seen) {
      for (const trace of traces(card))
        expect(text.match(trace)?.[0], `${trace} in ${place}`).toBeUndefined();
    }

    const program = join(process.env.CARGO_TARGET_DIR ?? "target", "debug", "cardseal-sandbox");
    const stored = execFileSync(program, ["show", "--data", sandbox.data.path, token.id ?? ""], {
      encoding: "utf8",
    });
    expect(JSON.parse(stored)).toEqual({
      v: 1,
      kind: "card",
      number: card.number,
      exp_month: 12,
      exp_year: 2029,
    });
    expect(await checkout.violations()).toEqual([]);
  });
}

test("the engine is fetched once, by its preload", async ({ checkout }) => {
  const fetched: string[] = [];
  checkout.page.on("request", (request) => fetched.push(request.url()));
  await checkout.mount();
  expect(await checkout.ready()).toBe("ready");
  expect(fetched.filter((url) => url.endsWith(".wasm"))).toHaveLength(1);
});

test("typed values survive a token and make another one", async ({ checkout }) => {
  await checkout.mount();
  await checkout.fill("4242424242424242");
  const first = await checkout.tokenize();
  const second = await checkout.tokenize();
  expect(second.id).toMatch(/^tok_/);
  expect(second.id).not.toBe(first.id);
});

test("the keyboard alone is enough, in page order", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.input("number").focus();
  const values = { number: "4242424242424242", expiry: "1229", cvc: "123" };
  for (const [field, text] of Object.entries(values)) {
    // As in Checkout.type().
    await expect(checkout.input(field as keyof typeof values)).toBeFocused();
    await checkout.page.keyboard.type(text);
    await checkout.page.keyboard.press("Tab");
  }
  expect((await checkout.tokenize()).id).toMatch(/^tok_/);
});

for (const [days, wrong] of [
  [-1, "slow"],
  [1, "fast"],
  [400, "more than a year fast"],
] as const) {
  test(`a browser clock that is ${wrong} by ${Math.abs(days)} days still pays`, async ({ checkout }) => {
    await checkout.page.addInitScript((days) => {
      const Genuine = Date;
      const now = (): number => Genuine.now() + days * 86_400_000;
      window.Date = class extends Genuine {
        constructor(...given: []) {
          super(...((given.length > 0 ? given : [now()]) as []));
        }
        static override now = now;
      } as DateConstructor;
    }, days);
    await checkout.mount();
    // Two months ahead of the true month: a clock that is a year fast would call it past.
    const soon = new Date(Date.now() + 60 * 86_400_000);
    const expiry = `${String(soon.getUTCMonth() + 1).padStart(2, "0")}${soon.getUTCFullYear() % 100}`;
    await checkout.fill("4242424242424242", expiry);
    expect((await checkout.tokenize()).id).toMatch(/^tok_/);
  });
}
