import { type Checkout, expect, test } from "./checkout.ts";

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
    ({ vault, merchant }) =>
      new Promise((resolve) => {
        const frame = document.createElement("iframe");
        frame.addEventListener("load", resolve);
        frame.src = `${vault}/f/${merchant}/0.1.0/number`;
        document.querySelector("#number")?.append(frame);
      }),
    { vault: checkout.sandbox.vault, merchant: checkout.sandbox.merchant },
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
      const ask = (window as unknown as { askContext: () => Promise<string> }).askContext;
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
