import { eavesdrop, flood, impersonate, read } from "./attacker.ts";
import { Checkout, expect, test } from "./checkout.ts";
import { RELEASE } from "./sandbox.ts";

/** Does the handshake with a frame of the number field by hand; answers what came back. */
function connectByHand(checkout: Checkout, from: "page" | "sibling"): Promise<string> {
  return checkout.page.evaluate(
    async ({ vault, from }) => {
      const frame = document.querySelector<HTMLIFrameElement>("#number > iframe");
      let sender: Window & { eval?: typeof eval } = window;
      if (from === "sibling") {
        const sibling = document.createElement("iframe");
        document.body.append(sibling);
        sender = sibling.contentWindow ?? window;
      }
      const { port1, port2 } = new MessageChannel();
      const answered = new Promise<string>((resolve) => {
        port1.onmessage = (event) => resolve(event.data.kind);
        setTimeout(() => resolve("nothing"), 1000);
      });
      const connect = { v: 1, kind: "connect", nonce: "0".repeat(32), form: "0".repeat(32) };
      // Posted by a function of the sender's own realm, which makes it the source of the message.
      const post = sender.eval?.(
        "(window, message, origin, port) => window.postMessage(message, origin, [port])",
      );
      post(frame?.contentWindow, connect, vault, port2);
      return answered;
    },
    { vault: checkout.sandbox.vault, from },
  );
}

test("a frame takes its one handshake from the window that embeds it and from no other", async ({
  checkout,
}) => {
  await checkout.open();
  await checkout.page.evaluate(
    (frames) =>
      new Promise((resolve) => {
        const frame = document.createElement("iframe");
        frame.addEventListener("load", resolve);
        frame.src = `${frames}/number`;
        document.querySelector("#number")?.append(frame);
      }),
    checkout.sandbox.frames,
  );
  expect(await connectByHand(checkout, "sibling")).toBe("nothing");
  expect(await connectByHand(checkout, "page")).toBe("connected");
  expect(await connectByHand(checkout, "page")).toBe("nothing");
});

test("a script of the page reaches nothing inside a frame", async ({ checkout }) => {
  await checkout.mount();
  await checkout.fill("4242424242424242");
  const reached = await checkout.page.evaluate(() =>
    [...document.querySelectorAll("iframe")].map((frame) => {
      const attempts = [
        () => frame.contentWindow?.cardsealPeers,
        () => frame.contentWindow?.document.body.innerText,
        () => (frame.contentWindow as unknown as Record<string, unknown>).CardForm,
      ];
      return attempts.map((attempt) => {
        try {
          return String(attempt());
        } catch (error) {
          return (error as Error).name;
        }
      });
    }),
  );
  expect(reached).toHaveLength(4);
  for (const attempts of reached)
    expect(attempts).toEqual(["SecurityError", "SecurityError", "SecurityError"]);
});

test("two coordinators of one form, made by a page that fakes randomness, get no value", async ({
  checkout,
}) => {
  await checkout.open();
  const code = await checkout.page.evaluate(
    async ({ vault, merchant }) => {
      crypto.getRandomValues = (bytes) => bytes;
      const ask = window.askContext;
      // No form is ready before the field of the first is mounted.
      let mounted = (): void => {};
      const waiting = new Promise<void>((resolve) => {
        mounted = resolve;
      });
      const context = () => waiting.then(ask);
      const create = () => window.cardseal.createFields({ vault, merchant, context, timeout: 4000 });
      const [first] = [create(), create()];
      const coordinators = [...document.querySelectorAll("iframe")];
      await Promise.all(
        coordinators.map((frame) => new Promise((resolve) => frame.addEventListener("load", resolve))),
      );
      first.mount("number", "#number");
      mounted();
      return first.ready.then(() => "ready").catch((error) => error.code);
    },
    { vault: checkout.sandbox.vault, merchant: checkout.sandbox.merchant },
  );
  // The field joins neither, so it never becomes ready.
  expect(code).toBe("frame_timeout");
});

const CARDS = { first: "4242424242424242", second: "5555555555554444" } as const;
const EXPIRY = "0931";

/** Every run of four digits of what was typed: fewer say nothing. */
const RUNS = new Set(
  [...Object.values(CARDS), EXPIRY].flatMap((digits) =>
    Array.from({ length: digits.length - 3 }, (_, start) => digits.slice(start, start + 4)),
  ),
);

/** What the page read, less what it made or was given itself. The last four digits may come with a token. */
async function lootOf(checkout: Checkout, given: string[]): Promise<string> {
  const loot = await checkout.page.evaluate(read);
  const own = await checkout.page.evaluate(() => window.attacker.own);
  let text = loot.join("\n").replaceAll(/"last4":"\d{4}"|tok_[\w-]+/g, "");
  for (const known of [
    ...given,
    ...own,
    checkout.origin,
    checkout.sandbox.vault,
    checkout.sandbox.merchant,
  ]) {
    text = text.replaceAll(known, "");
  }
  return text.replaceAll(/(?<=\d)[ \u00a0-](?=\d)/g, "");
}

test("a page that floods, impersonates, navigates and reads gets no digit, and its other form still pays", async ({
  page,
  shop,
}) => {
  test.setTimeout(120_000);
  const checkout = new Checkout(page, shop.origin, shop.sandbox);
  const given: string[] = [];
  checkout.context = async () => {
    given.push(await shop.sandbox.context({ origins: [shop.origin] }));
    return given.at(-1) ?? "";
  };
  await page.addInitScript(eavesdrop);
  await checkout.mount();
  await checkout.fill(CARDS.first, EXPIRY, "987");
  const ports = await page.evaluate(() => window.attacker.ports.length);
  const form = await page.evaluate(() => window.attacker.own[0] ?? "");

  // The other part of the page: a form of its own, in elements of its own.
  await page.evaluate(async (vault) => {
    const context = window.askContext;
    const other = window.cardseal.createFields({ vault, context });
    for (const field of ["number", "expiry", "cvc"] as const) {
      const element = document.createElement("div");
      element.id = `other-${field}`;
      document.body.append(element);
      other.mount(field, element);
    }
    Object.assign(window, { other });
    await other.ready;
  }, shop.sandbox.vault);
  const inputs = (field: string) => page.frameLocator(`#other-${field} > iframe`).locator(`#${field}`);
  for (const [field, text] of [
    ["number", CARDS.second],
    ["expiry", EXPIRY],
    ["cvc", "987"],
  ] as const) {
    await inputs(field).click();
    await expect(inputs(field)).toBeFocused();
    await page.keyboard.type(text);
  }

  await page.evaluate(flood, { count: 10_000, ports });
  await page.evaluate(impersonate, { form, merchant: shop.sandbox.merchant, release: RELEASE });
  // Told that there is a coordinator, each field looks for it again, among the impostors.
  await page.evaluate((ports) => {
    for (const port of window.attacker.ports.slice(0, ports)) port.postMessage({ v: 1, kind: "attach" });
  }, ports);
  await checkout.input("number").press("End");
  await checkout.input("number").press("Backspace");
  await page.keyboard.type(CARDS.first.slice(-1));
  await page.evaluate(read);

  // One to a document of the page's own origin, one to an address of it, and back again.
  const number = checkout.frame("number");
  await page.evaluate(async (origin) => {
    const loaded = (frame: HTMLIFrameElement) =>
      new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
    const find = (kind: string) =>
      [...document.querySelectorAll("iframe")].find((frame) => frame.src.includes(`/${kind}`));
    const [first, second] = [find("number"), find("coordinator")];
    if (!first?.contentWindow || !second?.contentWindow) throw new Error("no frame to attack");
    second.contentWindow.location.replace("about:blank");
    await Promise.race([loaded(second), new Promise((resolve) => setTimeout(resolve, 500))]);
    const away = loaded(first);
    first.contentWindow.location.href = `${origin}/elsewhere`;
    await away;
    window.attacker.take(first.contentDocument?.documentElement.outerHTML);
    window.attacker.take([first.contentWindow.name, first.contentWindow.performance.getEntries()]);
    const back = loaded(first);
    history.back();
    await back;
  }, shop.origin);
  expect(new URL(number.url()).pathname).toMatch(/\/number$/);
  await expect(number.locator("#number")).toHaveValue("");

  const loot = await lootOf(checkout, given);
  // The page did hear and read: its own events, and a refusal for each frame that it touched.
  expect(loot).toContain('"kind":"change"');
  expect(loot).toMatch(/Blocked a frame with origin/);
  expect([...RUNS].filter((run) => loot.includes(run))).toEqual([]);
  expect(loot).not.toMatch(/09 ?\/ ?(20)?31/);

  const token = await page.evaluate(() =>
    (window as unknown as { other: Window["fields"] }).other.tokenize().catch(({ code }) => ({ code })),
  );
  expect(token).toMatchObject({ id: expect.stringMatching(/^tok_/), last4: CARDS.second.slice(-4) });
});

test("a second number frame that the page adds to a form learns nothing, and what was typed stays", async ({
  page,
  shop,
}) => {
  const checkout = new Checkout(page, shop.origin, shop.sandbox);
  checkout.context = () => shop.sandbox.context({ origins: [shop.origin], expose: ["brand", "bin"] });
  await page.addInitScript(eavesdrop);
  await checkout.mount();
  await checkout.fill(CARDS.first);
  await expect.poll(() => checkout.state("number")).toMatchObject({ bin: "424242" });
  // Of another number its own field tells neither BIN nor brand.
  await checkout.input("number").press("ControlOrMeta+a");
  await page.keyboard.type(CARDS.second);
  await expect.poll(() => checkout.state("number")).toMatchObject({ complete: true });
  await page.evaluate(
    ({ src, vault }) =>
      new Promise<void>((resolve) => {
        const form = window.attacker.own[0];
        const frame = document.createElement("iframe");
        const { port1, port2 } = new MessageChannel();
        Object.assign(window, { overheard: [] });
        port1.onmessage = ({ data }) => {
          (window as unknown as { overheard: unknown[] }).overheard.push(data);
          if (data.kind === "ready" || data.kind === "lost") resolve();
        };
        frame.onload = () => {
          frame.contentWindow?.postMessage({ v: 1, kind: "connect", nonce: form, form }, vault, [port2]);
          port1.postMessage({ v: 1, kind: "attach" });
        };
        frame.src = src;
        document.body.append(frame);
      }),
    { src: checkout.frame("number").url(), vault: shop.sandbox.vault },
  );
  await checkout.input("number").press("End");
  await page.keyboard.press("Backspace");
  await page.keyboard.type(CARDS.second.slice(-1));
  // A context makes the coordinator look at every field again.
  const context = await checkout.context();
  const overheard = await page.evaluate(async (context) => {
    for (const port of window.attacker.ports) port.postMessage({ v: 1, kind: "context", context, age: 0 });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return (window as unknown as { overheard: { kind: string }[] }).overheard;
  }, context);
  expect(overheard.map(({ kind }) => kind)).toContain("lost");
  expect(JSON.stringify(overheard)).not.toMatch(/"(ready|bin|brand)"|mastercard|5555/);
  expect(await checkout.state("number")).not.toHaveProperty("bin");
  expect(await checkout.tokenize()).toMatchObject({ last4: CARDS.second.slice(-4) });
});
