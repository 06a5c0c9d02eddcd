/** Counts what scripts of a page hold on to, and notes what still runs after a form was destroyed. Each runs in the page. */

declare global {
  interface Window {
    /** By what a script asked to keep something. */
    touched: string[];
    leftovers: {
      listeners: Map<object, [type: string, listener: unknown, capture: boolean][]>;
      timers: Map<unknown, string>;
      observers: Set<object>;
      ports: Set<MessagePort>;
      /** From now on whatever runs is told. */
      over: boolean;
      fired: string[];
    };
  }
}

/** An init script: wraps everything by which a script is called later. */
export function watch(): void {
  if (window !== window.top) return;
  const leftovers: Window["leftovers"] = {
    listeners: new Map(),
    timers: new Map(),
    observers: new Set(),
    ports: new Set(),
    over: false,
    fired: [],
  };
  window.leftovers = leftovers;
  const { listeners, timers, observers, ports, fired } = leftovers;
  type Call = (...given: unknown[]) => unknown;

  const noted = (what: string, call: unknown, before?: () => void): Call =>
    function (this: unknown, ...given) {
      before?.();
      if (leftovers.over) fired.push(what);
      const target = call as Call & { handleEvent?: Call };
      return typeof call === "function" ? Reflect.apply(target, this, given) : target.handleEvent?.(...given);
    };

  const target = EventTarget.prototype;
  const { addEventListener: add, removeEventListener: remove } = target;
  const wrapped = new WeakMap<object, Call>();
  const captures = (options: unknown): boolean =>
    typeof options === "object"
      ? Boolean((options as { capture?: boolean } | null)?.capture)
      : Boolean(options);
  const drop = (at: object, type: string, listener: unknown, capture: boolean): void => {
    const rest = (listeners.get(at) ?? []).filter(
      ([name, known, phase]) => name !== type || known !== listener || phase !== capture,
    );
    if (rest.length > 0) listeners.set(at, rest);
    else listeners.delete(at);
  };
  target.addEventListener = function (type, listener, options) {
    const at = this ?? window;
    if (!listener) return;
    const capture = captures(options);
    const { once, signal } = (typeof options === "object" && options) || {};
    drop(at, type, listener, capture);
    listeners.set(at, [...(listeners.get(at) ?? []), [type, listener, capture]]);
    if (signal) add.call(signal, "abort", () => drop(at, type, listener, capture));
    const forget = once ? () => drop(at, type, listener, capture) : undefined;
    const call = wrapped.get(listener) ?? noted(`listener ${type}`, listener, forget);
    wrapped.set(listener, call);
    add.call(at, type, call, options);
  };
  target.removeEventListener = function (type, listener, options) {
    const at = this ?? window;
    if (!listener) return;
    drop(at, type, listener, captures(options));
    remove.call(at, type, wrapped.get(listener) ?? listener, options);
  };

  const timed = window as unknown as Record<string, Call>;
  for (const [set, clear, again] of [
    ["setTimeout", "clearTimeout", false],
    ["setInterval", "clearInterval", true],
    ["requestAnimationFrame", "cancelAnimationFrame", false],
    ["requestIdleCallback", "cancelIdleCallback", false],
  ] as const) {
    const [start, stop] = [timed[set], timed[clear]];
    timed[set] = (call, ...given) => {
      const id = start?.(
        noted(set, call, () => again || timers.delete(id)),
        ...given,
      );
      timers.set(id, set);
      return id;
    };
    timed[clear] = (id) => {
      timers.delete(id);
      stop?.(id);
    };
  }

  for (const name of [
    "MutationObserver",
    "ResizeObserver",
    "IntersectionObserver",
    "PerformanceObserver",
  ] as const) {
    const Observer = window[name] as unknown as new (call: Call, ...more: unknown[]) => MutationObserver;
    Object.assign(window, {
      [name]: class extends Observer {
        constructor(call: Call, ...more: unknown[]) {
          super(noted(name, call), ...more);
        }
        override observe(...given: Parameters<MutationObserver["observe"]>): void {
          observers.add(this);
          super.observe(...given);
        }
        override disconnect(): void {
          observers.delete(this);
          super.disconnect();
        }
      },
    });
  }

  const Channel = MessageChannel;
  window.MessageChannel = class extends Channel {
    constructor() {
      super();
      // The other end goes to a frame.
      ports.add(this.port1);
    }
  };
  const { close } = MessagePort.prototype;
  MessagePort.prototype.close = function () {
    ports.delete(this);
    close.call(this);
  };
}

/** What is held on to at this moment. */
export function left() {
  const { listeners, timers, observers, ports } = window.leftovers;
  return {
    listeners: [...listeners.values()].flat().map(([type]) => type),
    timers: [...timers.values()],
    observers: observers.size,
    ports: ports.size,
    frames: document.querySelectorAll("iframe").length,
  };
}

/** An init script, for every frame: the browser may refuse storage to a third party's, so what counts is that none is asked for. */
export function noteStorage(): void {
  window.touched = [];
  const places: [owner: object, names: string[]][] = [
    [window, ["localStorage", "sessionStorage", "indexedDB", "caches", "cookieStore", "openDatabase"]],
    [document, ["cookie"]],
    [navigator, ["serviceWorker", "storage", "storageBuckets", "sendBeacon"]],
  ];
  for (const [owner, names] of places) {
    for (const name of names) {
      const real =
        Object.getOwnPropertyDescriptor(owner, name) ??
        Object.getOwnPropertyDescriptor(Object.getPrototypeOf(owner), name) ??
        Object.getOwnPropertyDescriptor(Document.prototype, name);
      if (!real) continue;
      Object.defineProperty(owner, name, {
        configurable: true,
        get() {
          window.touched.push(name);
          return real.get ? real.get.call(owner) : real.value;
        },
        set(value) {
          window.touched.push(name);
          real.set?.call(owner, value);
        },
      });
    }
  }
}
