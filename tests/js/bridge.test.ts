// The bridge takes exactly its own messages and drops everything else.

import { expect, test } from "@playwright/test";
import {
  embeddingOrigin,
  type FrameMessage,
  type HostMessage,
  makeId,
  parseConnect,
  parseFrameMessage,
  parseHostMessage,
} from "../../js/bridge.js";
import { vectors } from "./vectors.js";

const ID = "00112233445566778899aabbccddeeff";

const FRAME_MESSAGES: readonly FrameMessage[] = [
  { v: 1, kind: "connected", nonce: ID },
  { v: 1, kind: "ready" },
  { v: 1, kind: "focus" },
  { v: 1, kind: "blur" },
  { v: 1, kind: "lost" },
  { v: 1, kind: "change", empty: true, complete: false },
  { v: 1, kind: "change", empty: false, complete: false, error: "card_number_invalid", brand: "visa" },
  { v: 1, kind: "accepted", remaining: 900 },
  { v: 1, kind: "refused", code: "context_forged" },
  { v: 1, kind: "token", id: 1, token: { id: "tok_3hGq8TnVbX2mWzKfRdLc", brand: "jcb", last4: "0005" } },
  { v: 1, kind: "failed", id: 2, code: "network_failed" },
  { v: 1, kind: "failed", id: 3, code: "cvc_incomplete", field: "cvc" },
];

const HOST_MESSAGES: readonly HostMessage[] = [
  { v: 1, kind: "attach" },
  { v: 1, kind: "focus" },
  { v: 1, kind: "blur" },
  { v: 1, kind: "clear" },
  { v: 1, kind: "context", context: "eyJ.eyJ.c2ln", age: 0 },
  { v: 1, kind: "tokenize", id: 1 },
  { v: 1, kind: "abort", id: 1 },
];

for (const message of FRAME_MESSAGES) {
  test(`takes ${JSON.stringify(message)} from a frame, and not from the page`, () => {
    expect(parseFrameMessage(message)).toEqual(message);
    if (message.kind !== "focus" && message.kind !== "blur")
      expect(parseHostMessage(message)).toBeUndefined();
  });

  test(`drops ${JSON.stringify(message)} with one member more, from a frame`, () => {
    expect(parseFrameMessage({ ...message, digits: "4242" })).toBeUndefined();
  });
}

for (const message of HOST_MESSAGES) {
  test(`takes ${JSON.stringify(message)} from the page, and not from a frame`, () => {
    expect(parseHostMessage(message)).toEqual(message);
    if (message.kind !== "focus" && message.kind !== "blur")
      expect(parseFrameMessage(message)).toBeUndefined();
  });

  test(`drops ${JSON.stringify(message)} with one member more, from the page`, () => {
    expect(parseHostMessage({ ...message, digits: "4242" })).toBeUndefined();
  });
}

test("takes a connect", () => {
  const message = { v: 1, kind: "connect", nonce: ID, form: ID };
  expect(parseConnect(message)).toEqual(message);
  expect(parseConnect({ ...message, digits: "4242" })).toBeUndefined();
});

test("has vectors to reject", () => {
  expect(vectors("bridge/reject").length).toBeGreaterThan(50);
});

for (const { name, message, expect: outcome, why } of vectors("bridge/reject")) {
  test(`${name} is dropped: ${why}`, () => {
    expect(outcome).toBe("dropped");
    expect(parseFrameMessage(message)).toBeUndefined();
    expect(parseHostMessage(message)).toBeUndefined();
    expect(parseConnect(message)).toBeUndefined();
  });
}

test("gives copies that the sender cannot change afterwards", () => {
  const token = { id: "tok", brand: "visa", last4: "4242" };
  const parsed = parseFrameMessage({ v: 1, kind: "token", id: 1, token });
  token.last4 = "9999";
  expect(parsed).toMatchObject({ token: { last4: "4242" } });
});

test("believes the ancestor and the sender only together", () => {
  expect(embeddingOrigin("https://shop.example", "https://shop.example")).toBe("https://shop.example");
  expect(embeddingOrigin("https://evil.example", "https://shop.example")).toBeUndefined();
});

test("believes the sender alone where the ancestor is masked or missing", () => {
  expect(embeddingOrigin("https://shop.example", "null")).toBe("https://shop.example");
  expect(embeddingOrigin("https://shop.example", "")).toBe("https://shop.example");
  expect(embeddingOrigin("https://shop.example", undefined)).toBe("https://shop.example");
});

test("refuses a page without an origin", () => {
  expect(embeddingOrigin("null", "null")).toBeUndefined();
  expect(embeddingOrigin("null", undefined)).toBeUndefined();
  expect(embeddingOrigin("", undefined)).toBeUndefined();
});

test("makes ids of 128 bits that differ", () => {
  const ids = new Set(Array.from({ length: 100 }, makeId));
  expect(ids.size).toBe(100);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
});
