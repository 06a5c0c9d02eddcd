import { type Checkout, expect, test } from "./checkout.ts";

/** What a script of the page gets back when it does the handshake by itself with a frame that is connected already. */
function connectAgain(checkout: Checkout, from: "page" | "sibling"): Promise<string> {
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
        port1.onmessage = (event) => resolve(JSON.stringify(event.data));
        setTimeout(() => resolve("nothing"), 1000);
      });
      const connect = { v: 1, kind: "connect", nonce: "0".repeat(32), form: "0".repeat(32) };
      const post = sender.eval?.(
        "(window, message, origin, port) => window.postMessage(message, origin, [port])",
      );
      post(frame?.contentWindow, connect, vault, port2);
      return answered;
    },
    { vault: checkout.sandbox.vault, from },
  );
}

for (const from of ["page", "sibling"] as const) {
  test(`a frame answers no second handshake, from the ${from}`, async ({ checkout }) => {
    await checkout.mount();
    await checkout.ready();
    expect(await connectAgain(checkout, from)).toBe("nothing");
    await checkout.fill("4242424242424242");
    expect((await checkout.tokenize()).id).toMatch(/^tok_/);
  });
}

test("a script of the page reaches nothing inside a frame", async ({ checkout }) => {
  await checkout.mount();
  await checkout.fill("4242424242424242");
  const reached = await checkout.page.evaluate(() =>
    [...document.querySelectorAll("iframe")].map((frame) => {
      const attempts = [
        () => frame.contentWindow?.cardsealPeer,
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
      const context = (window as unknown as { askContext: () => Promise<string> }).askContext;
      const create = () => window.cardseal.createFields({ vault, merchant, context, timeout: 4000 });
      const [first] = [create(), create()];
      const coordinators = [...document.querySelectorAll("iframe")];
      await Promise.all(
        coordinators.map((frame) => new Promise((resolve) => frame.addEventListener("load", resolve))),
      );
      first.mount("number", "#number");
      return first.ready.then(() => "ready").catch((error) => error.code);
    },
    { vault: checkout.sandbox.vault, merchant: checkout.sandbox.merchant },
  );
  // The field joins neither, so it never becomes ready.
  expect(code).toBe("frame_timeout");
});
