/** A bare checkout page on an origin of its own, a sandbox vault, and hands that type into the frames. */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { test as base, expect, type Frame, type Page } from "@playwright/test";
import type * as Cardseal from "../../js/index.js";
import type { CaptureContextRequest } from "../../js/server/index.js";
import { Sandbox } from "./sandbox.ts";

export { expect };

export type Field = Cardseal.FieldName;

declare global {
  interface Window {
    cardseal: typeof Cardseal;
    fields: Cardseal.Fields;
    /** The page's own way to a context. */
    askContext: () => Promise<string>;
    /** The handles that mount() gave. */
    mounted: Record<"number" | "expiry" | "cvc", Cardseal.FieldHandle>;
    /** What the page's own scripts received by any kind of message. */
    received: string[];
    /** Reports of the Content-Security-Policy, in every frame. */
    violations: string[];
    /** Every event of the form. */
    events: { name: string; event: unknown }[];
  }
}

const HTML = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Checkout</title>
<script type="module" src="/page.js"></script></head><body><main><h1>Checkout</h1>
<div id="number"></div><div id="expiry"></div><div id="cvc"></div></main></body></html>`;

const SCRIPT = `import * as cardseal from "/cardseal.js"; window.cardseal = cardseal; window.events = [];`;

/** Runs in every frame before its own scripts. */
function observe(): void {
  window.violations = [];
  addEventListener("securitypolicyviolation", (event) => {
    window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  });
  if (window !== window.top) return;
  window.received = [];
  const note = (event: Event): void => {
    if (event instanceof MessageEvent) window.received.push(JSON.stringify(event.data));
  };
  addEventListener("message", note, true);
  const onmessage = Object.getOwnPropertyDescriptor(MessagePort.prototype, "onmessage");
  Object.defineProperty(MessagePort.prototype, "onmessage", {
    configurable: true,
    get() {
      return onmessage?.get?.call(this);
    },
    set(listener) {
      this.addEventListener("message", note);
      onmessage?.set?.call(this, listener);
    },
  });
  const add = MessagePort.prototype.addEventListener;
  MessagePort.prototype.addEventListener = function (this: MessagePort, ...options: unknown[]) {
    if (options[0] === "message" && options[1] !== note) add.call(this, "message", note);
    return Reflect.apply(add, this, options);
  } as typeof add;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Workers {
  shop: { origin: string; sandbox: Sandbox };
}

interface Tests {
  checkout: Checkout;
}

/** The page and everything around it. */
export class Checkout {
  constructor(
    readonly page: Page,
    readonly origin: string,
    readonly sandbox: Sandbox,
  ) {}

  /** A capture context for this page's origin. */
  async context(request: Partial<CaptureContextRequest> = {}): Promise<string> {
    return this.sandbox.context({ origins: [this.origin], ...request });
  }

  /** Opens the page without a form. */
  async open(): Promise<void> {
    await this.page.exposeFunction("askContext", () => this.context());
    await this.page.goto(this.origin);
    await this.page.waitForFunction(() => window.cardseal !== undefined);
  }

  /** Opens the page with all three fields; `contexts` are handed out one after another, then fresh ones. */
  async mount(contexts: string[] = [], timeout = 20_000): Promise<void> {
    await this.open();
    await this.page.evaluate(
      ({ vault, contexts, timeout }) => {
        const ask = window.askContext;
        const context = async (): Promise<string> => contexts.shift() ?? (await ask());
        window.fields = window.cardseal.createFields({ vault, context, timeout });
        for (const name of [
          "ready",
          "loaderror",
          "change",
          "focus",
          "blur",
          "brand",
          "autofill",
          "enter",
          "escape",
        ] as const) {
          window.fields.on(name, (event) => window.events.push({ name, event }));
        }
        const mount = (field: "number" | "expiry" | "cvc") => window.fields.mount(field, `#${field}`);
        window.mounted = { number: mount("number"), expiry: mount("expiry"), cvc: mount("cvc") };
      },
      { vault: this.sandbox.vault, contexts, timeout },
    );
  }

  /** Settles like `fields.ready`; a rejection is answered as its code. */
  async ready(): Promise<string> {
    return this.page.evaluate(() => window.fields.ready.then(() => "ready").catch((error) => error.code));
  }

  /** The code with which a call rejected, or the token. */
  async tokenize(): Promise<{
    id?: string;
    code?: string;
    blame?: string;
    field?: string;
    retryable?: boolean;
    brand?: string;
    last4?: string;
  }> {
    return this.page.evaluate(() =>
      window.fields
        .tokenize()
        .catch(({ code, blame, field, retryable }) => ({ code, blame, field, retryable })),
    );
  }

  frame(kind: Field | "coordinator"): Frame {
    const frame = this.page.frames().find((frame) => new URL(frame.url()).pathname.endsWith(`/${kind}`));
    if (!frame) throw new Error(`no ${kind} frame`);
    return frame;
  }

  input(field: Field) {
    return this.frame(field).locator(`#${field}`);
  }

  /** Types key by key. */
  async type(field: Field, text: string): Promise<void> {
    await this.input(field).click();
    // The focus moves from frame to frame by way of the browser, and keys would go to the old one until it has.
    await expect(this.input(field)).toBeFocused();
    await this.page.keyboard.type(text);
  }

  /** Types a whole card, as soon as it can be typed. */
  async fill(number: string, expiry = "1229", cvc = "123"): Promise<void> {
    expect(await this.ready()).toBe("ready");
    await this.typeCard(number, expiry, cvc);
  }

  /** Types a whole card into fields that are there, whatever became of the form at first. */
  async typeCard(number: string, expiry = "1229", cvc = "123"): Promise<void> {
    await this.type("number", number);
    await this.type("expiry", expiry);
    await this.type("cvc", cvc);
  }

  /** The last state the page was told of a field. */
  async state(field: Field): Promise<{
    complete: boolean;
    empty: boolean;
    brand?: string;
    error?: { code: string; message: string };
  }> {
    return this.page.evaluate((field) => {
      const changes = window.events.filter(
        ({ name, event }) => name === "change" && (event as { field: string }).field === field,
      );
      return changes.at(-1)?.event as { complete: boolean; empty: boolean };
    }, field);
  }

  /** Reports of the content security policies of all frames. */
  async violations(): Promise<string[]> {
    const all = await Promise.all(this.page.frames().map((frame) => frame.evaluate(() => window.violations)));
    return all.flat();
  }
}

export const test = base.extend<Tests, Workers>({
  shop: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from the pattern.
    async ({}, use) => {
      const server = createServer((request, response) => {
        const [type, body] =
          request.url === "/cardseal.js"
            ? ["text/javascript", readFileSync("dist/index.js")]
            : request.url === "/page.js"
              ? ["text/javascript", SCRIPT]
              : ["text/html", HTML];
        response.setHeader("Content-Type", `${type}; charset=utf-8`);
        if (request.url === "/unkept") response.setHeader("Cache-Control", "no-store");
        response.end(body);
      });
      const origin = await listen(server);
      const sandbox = await Sandbox.start([origin]);
      await use({ origin, sandbox });
      await sandbox.stop();
      server.close();
    },
    { scope: "worker" },
  ],
  checkout: async ({ page, shop }, use) => {
    await page.addInitScript(observe);
    await use(new Checkout(page, shop.origin, shop.sandbox));
  },
});
