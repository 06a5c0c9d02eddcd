// Listeners hear what they asked for, until they end it, whatever the others do.

import { expect, test } from "@playwright/test";
import { CardsealError } from "../../js/errors.js";
import { causeOf, Emitter } from "../../js/host/events.js";

test("calls listeners of the event, in their order, until they end", () => {
  const emitter = new Emitter();
  const heard: string[] = [];
  const end = emitter.on("focus", ({ field }) => heard.push(`first ${field}`));
  emitter.on("focus", ({ field }) => heard.push(`second ${field}`));
  emitter.on("blur", () => heard.push("blur"));
  emitter.emit("focus", { field: "cvc" });
  end();
  end();
  emitter.emit("focus", { field: "number" });
  expect(heard).toEqual(["first cvc", "second cvc", "second number"]);
});

test("keeps the same function twice if it was given twice", () => {
  const emitter = new Emitter();
  let calls = 0;
  const listener = (): void => void calls++;
  const end = emitter.on("ready", listener);
  emitter.on("ready", listener);
  end();
  emitter.emit("ready", { field: "cvc", timings: { coordinator: 1, field: 2 } });
  expect(calls).toBe(1);
});

test("reports what a listener throws and goes on", () => {
  const emitter = new Emitter();
  const reported: unknown[] = [];
  const before = globalThis.reportError;
  globalThis.reportError = (error) => void reported.push(error);
  try {
    const thrown = new Error("the page's own fault");
    let reached = false;
    emitter.on("blur", () => {
      throw thrown;
    });
    emitter.on("blur", () => {
      reached = true;
    });
    emitter.emit("blur", { field: "expiry" });
    expect(reached).toBe(true);
    expect(reported).toEqual([thrown]);
  } finally {
    globalThis.reportError = before;
  }
});

test("refuses events that do not exist and listeners that are none", () => {
  const emitter = new Emitter();
  const on = emitter.on.bind(emitter) as (name: string, listener: unknown) => void;
  for (const call of [
    () => on("submit", () => {}),
    () => on("toString", () => {}),
    () => on("change", undefined),
  ]) {
    expect(call).toThrow(CardsealError);
  }
});

test("forgets every listener when it is cleared", () => {
  const emitter = new Emitter();
  let calls = 0;
  emitter.on("ready", () => void calls++);
  emitter.clear();
  emitter.emit("ready", { field: "cvc", timings: { coordinator: 1, field: 2 } });
  expect(calls).toBe(0);
});

test("tells the causes of what did not load apart, as far as a page can", () => {
  const at = (onLine: boolean, code: Parameters<typeof causeOf>[0], arrived: boolean) => {
    const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
    Object.defineProperty(globalThis, "navigator", { configurable: true, value: { onLine } });
    try {
      return causeOf(code, arrived);
    } finally {
      if (before) Object.defineProperty(globalThis, "navigator", before);
    }
  };
  expect(at(true, "frame_timeout", false)).toBe("timeout");
  expect(at(true, "frame_timeout", true)).toBe("blocked");
  expect(at(false, "frame_timeout", true)).toBe("offline");
  expect(at(false, "network_failed", true)).toBe("offline");
  expect(at(true, "network_failed", true)).toBe("blocked");
  expect(at(true, "wasm_unavailable", true)).toBe("wasm_unavailable");
  expect(at(true, "context_expired", true)).toBe("context_expired");
  expect(at(true, "origin_not_allowed", true)).toBe("origin_not_allowed");
  for (const code of ["context_forged", "context_malformed", "context_unavailable"] as const)
    expect(at(true, code, true)).toBe("context_rejected");
  for (const code of ["destroyed", "coordinator_lost", "field_not_mounted"] as const)
    expect(at(false, code, true)).toBeUndefined();
});
