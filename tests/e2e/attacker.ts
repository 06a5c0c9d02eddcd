/** What a hostile page runs: it listens to all there is, attacks the frames of one form, and reads. Each runs in the page. */

declare global {
  interface Window {
    attacker: {
      /** Everything that was read, as text. */
      loot: string[];
      /** What the page made or was given itself: random ids. */
      own: string[];
      /** The page's ends of the ports, in the order they were made. */
      ports: MessagePort[];
      /** What was said through a port. */
      said: unknown[];
      take(value: unknown): void;
    };
  }
}

/** An init script: hooks what a script that runs first can hook, and hears every event and message. */
export function eavesdrop(): void {
  if (window !== window.top) return;
  const attacker: Window["attacker"] = { loot: [], own: [], ports: [], said: [], take };
  window.attacker = attacker;

  /** Neither a time nor a size: both are numbers below a million. */
  const telling = (number: number): boolean => Number.isInteger(number) && number >= 1_000_000;

  /** Any value as text, as deep as is worth it. */
  function tell(value: unknown, depth: number): string {
    if (typeof value === "number") return telling(value) ? String(value) : "";
    if (typeof value === "function" || value === null) return "";
    if (typeof value !== "object") return String(value);
    if (value instanceof Element) return value.outerHTML;
    if (value instanceof Node) return value.textContent ?? "";
    if (value instanceof MessagePort || depth === 0) return "";
    const names = new Set<PropertyKey>();
    const attempt = (read: () => unknown): void => {
      try {
        parts.push(tell(read(), depth - 1));
      } catch (error) {
        parts.push((error as Error).message);
      }
    };
    const parts: string[] = [];
    // Of the page's own windows the names are enough: one of another origin refuses them.
    if ((value as { window?: unknown }).window === value) {
      attempt(() => Reflect.ownKeys(value).map(String).join("\n"));
      return parts.join("\n");
    }
    attempt(() => JSON.stringify(value, (_, part) => (typeof part !== "number" || telling(part) ? part : 0)));
    attempt(() => {
      for (const name in value) names.add(name);
      for (const name of Reflect.ownKeys(value)) names.add(name);
    });
    for (const name of names) attempt(() => (value as Record<PropertyKey, unknown>)[name]);
    return parts.filter((part) => part !== "").join("\n");
  }

  function take(value: unknown): void {
    attacker.loot.push(tell(value, 3));
  }

  for (const name in window) if (name.startsWith("on")) addEventListener(name.slice(2), take, true);
  for (const type of ["focusin", "focusout", "compositionstart", "compositionend", "DOMContentLoaded"]) {
    addEventListener(type, take, true);
  }
  new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
    entryTypes: PerformanceObserver.supportedEntryTypes.filter((type) => type !== "event"),
  });
  new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
    type: "event",
    durationThreshold: 16,
  } as PerformanceObserverInit);

  const random = crypto.getRandomValues.bind(crypto);
  crypto.getRandomValues = (bytes) => {
    const made = random(bytes);
    const octets = [...new Uint8Array((made as ArrayBufferView).buffer)];
    attacker.own.push(octets.map((octet) => octet.toString(16).padStart(2, "0")).join(""));
    return made;
  };
  const Channel = MessageChannel;
  window.MessageChannel = class extends Channel {
    constructor() {
      super();
      attacker.ports.push(this.port1);
      this.port1.addEventListener("message", (event) => take(event.data));
    }
  };
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (this: MessagePort, ...said: unknown[]) {
    attacker.said.push(said[0]);
    return Reflect.apply(post, this, said);
  } as typeof post;
}

/** Posts `count` messages to every frame, and as many through each of the ports. */
export async function flood({ count, ports }: { count: number; ports: number }): Promise<void> {
  const { attacker } = window;
  const frames = [...document.querySelectorAll<HTMLIFrameElement>("iframe")];
  const sibling = document.createElement("iframe");
  const sandboxed = document.createElement("iframe");
  sandboxed.setAttribute("sandbox", "allow-scripts allow-same-origin");
  document.body.append(sibling, sandboxed);
  // A function of the sender's own realm makes that the source of the message.
  const posters = [window, sibling.contentWindow, sandboxed.contentWindow].map((realm) =>
    (realm as unknown as { eval: typeof eval }).eval(
      "(frame, message, ports) => frame.postMessage(message, '*', ports)",
    ),
  );
  const huge = "4".repeat(1_000_000);
  const long = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`member${index}`, index]));
  const said = attacker.said.slice();
  const form = attacker.own[0];
  const kinds = ["text", "value", "edit", "demand", "view", "lost", "ready", "token", "refused", "__proto__"];
  const make = (index: number): unknown => {
    // Oversized ones are rare: a thousand of them would test the browser and not the frames.
    if (index % 1000 === 999) return { v: 1, kind: "context", context: huge, age: 0 };
    switch (index % 10) {
      case 0:
        return said[index % said.length];
      case 1:
        return { v: 1, kind: kinds[index % kinds.length], field: "number", id: index };
      case 2:
        return { v: 1, kind: "connect", nonce: attacker.own[index % attacker.own.length], form };
      case 3:
        return { v: index, kind: "connect", nonce: form, form: [form], extra: new Map([[1, new Date(0)]]) };
      case 4:
        return { v: 1, kind: "context", context: `e30.e30.${"A".repeat(index % 100)}`, age: -index };
      case 5:
        return long;
      case 6:
        return [null, undefined, index, "connect", true, 10n, Number.NaN][index % 7];
      case 7:
        return new Uint8Array(index % 64);
      case 8:
        return { v: 1, kind: "abort", id: index % 7 };
      default:
        return {
          toString: "connect",
          kind: { kind: "connect" },
          get v() {
            return 1;
          },
        };
    }
  };
  for (let index = 0; index < count; index++) {
    for (const frame of frames) {
      const channel = index % 10 === 2 && index < 1000 ? new MessageChannel() : undefined;
      channel?.port1.start();
      posters[index % 3](frame.contentWindow, make(index), channel ? [channel.port2] : []);
    }
    for (const port of attacker.ports.slice(0, ports)) port.postMessage(make(index));
    // Lets the frames hear.
    if (index % 500 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  attacker.said.length = 0;
  sibling.remove();
  sandboxed.remove();
}

/** Puts frames of its own in the coordinator's place: by name, first in order, with a peer that keeps what it is told. */
export function impersonate({ form, ...of }: { form: string; merchant: string; release: string }): void {
  const { take } = window.attacker;
  const bait = (home: Window | null): void => {
    const keep = (...told: unknown[]): unknown => {
      take(told);
      return { text: "", caret: 0, empty: true };
    };
    const place = { ...of, kind: "coordinator" };
    const calls = { attach: keep, detach: keep, edit: keep, view: keep, exposedBrand: keep, report: keep };
    Object.assign(home ?? window, { name: "coordinator", cardsealPeers: [{ place, form, home, ...calls }] });
  };
  bait(window);
  for (const frame of document.querySelectorAll("iframe")) {
    frame.name = "coordinator";
    frame.id = "coordinator";
  }
  for (const place of ["prepend", "append"] as const) {
    const frame = document.createElement("iframe");
    frame.name = "coordinator";
    document.body[place](frame);
    bait(frame.contentWindow);
  }
}

/** Reads what it can of every frame and of what the browser tells about them. */
export function read(): string[] {
  const { attacker } = window;
  const attempts: (() => unknown)[] = [
    () => performance.getEntries(),
    () => [...(location.ancestorOrigins ?? [])],
    () => [history.length, history.state, document.cookie, document.referrer, window.name],
    () => [String(getSelection()), document.activeElement, document.title],
    () => document.documentElement.outerHTML,
    () => document.execCommand("selectAll") && [String(getSelection()), document.execCommand("copy")],
    () => [Object.entries(localStorage), Object.entries(sessionStorage)],
    () => (window as unknown as { find: (text: string) => boolean }).find("4242") && "found 4242",
  ];
  for (const frame of document.querySelectorAll("iframe")) {
    const inside = frame.contentWindow as unknown as Record<string, unknown> & Window;
    attempts.push(
      () => frame.contentDocument,
      () => frame.contentDocument?.documentElement.outerHTML,
      () => frame.getSVGDocument(),
    );
    const names = ["location", "document", "name", "origin", "history", "cardsealPeers", "performance"];
    for (const name of [...names, "frames", "length", "closed", "opener", "frameElement", "localStorage"]) {
      attempts.push(() => inside[name]);
    }
    for (const name of ["href", "hash", "ancestorOrigins"] as const)
      attempts.push(() => inside.location[name]);
    attempts.push(
      () => inside.document.body.innerText,
      () => Reflect.ownKeys(inside).map(String),
    );
    attempts.push(
      () => Object.getOwnPropertyDescriptors(inside),
      () => structuredClone(inside),
    );
  }
  for (const attempt of attempts) {
    try {
      attacker.take([attempt()]);
    } catch (error) {
      attacker.take([String(error)]);
    }
  }
  return attacker.loot;
}
