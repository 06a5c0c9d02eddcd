// The bridge takes exactly its own messages and drops everything else.

import { expect, test } from "@playwright/test";
import { embeddingOrigin, makeId } from "../../js/bridge.js";
import {
  type CoordinatorMessage,
  type FieldMessage,
  type FrameMessage,
  parseConnect,
  parseCoordinatorMessage,
  parseFieldMessage,
  parseFrameMessage,
} from "../../js/messages.js";
import { vectors } from "./vectors.js";

const ID = "00112233445566778899aabbccddeeff";

const FRAME_MESSAGES: readonly FrameMessage[] = [
  { v: 1, kind: "connected", nonce: ID },
  { v: 1, kind: "ready" },
  { v: 1, kind: "focus", field: "number" },
  { v: 1, kind: "blur", field: "number" },
  { v: 1, kind: "lost" },
  { v: 1, kind: "advance" },
  { v: 1, kind: "unfocused" },
  { v: 1, kind: "change", field: "month", empty: true, complete: false, potentiallyValid: true },
  {
    v: 1,
    kind: "change",
    field: "number",
    empty: false,
    complete: false,
    potentiallyValid: false,
    error: "card_number_invalid",
    brand: "visa",
    brands: ["visa", "elo"],
    networks: ["visa", "cartes-bancaires"],
    network: "cartes-bancaires",
    bin: "424242",
  },
  { v: 1, kind: "enter", field: "postal_code" },
  { v: 1, kind: "escape", field: "postal_code" },
  { v: 1, kind: "texts", texts: { number_label: "Kartennummer", cvc_invalid: "Prüfen Sie die Nummer." } },
  { v: 1, kind: "autofill", fields: ["number", "expiry", "cvc", "name"] },
  { v: 1, kind: "size", rows: 2, lines: 3 },
  { v: 1, kind: "covered", covered: true },
  { v: 1, kind: "covered", covered: false },
  { v: 1, kind: "accepted", remaining: 900 },
  { v: 1, kind: "refused", code: "context_forged" },
  { v: 1, kind: "token", id: 1, token: { id: "tok_3hGq8TnVbX2mWzKfRdLc", brand: "jcb", last4: "0005" } },
  { v: 1, kind: "failed", id: 2, code: "network_failed" },
  { v: 1, kind: "failed", id: 3, code: "cvc_incomplete", field: "cvc" },
  { v: 1, kind: "failed", id: 4, code: "postal_code_invalid", field: "postal_code" },
];

const FIELD_MESSAGES: readonly FieldMessage[] = [
  { v: 1, kind: "speak", ranges: "", messages: {} },
  { v: 1, kind: "speak", ranges: "de-AT,en", messages: { cvc_invalid: "Look for 3 digits." } },
  { v: 1, kind: "attach" },
  { v: 1, kind: "focus" },
  { v: 1, kind: "blur" },
  { v: 1, kind: "demand" },
  { v: 1, kind: "clear" },
  { v: 1, kind: "set" },
  { v: 1, kind: "set", labelled: true, disabled: false, advance: true, layout: "stacked" },
  { v: 1, kind: "set", icons: false, preferredNetwork: "dankort" },
];

const COORDINATOR_MESSAGES: readonly CoordinatorMessage[] = [
  { v: 1, kind: "context", context: "eyJ.eyJ.c2ln", age: 0 },
  { v: 1, kind: "tokenize", id: 1 },
  { v: 1, kind: "abort", id: 1 },
];

const SIDES = [
  ["a frame", parseFrameMessage, FRAME_MESSAGES],
  ["the page, to a field", parseFieldMessage, FIELD_MESSAGES],
  ["the page, to the coordinator", parseCoordinatorMessage, COORDINATOR_MESSAGES],
] as const;

for (const [side, parse, messages] of SIDES) {
  for (const message of messages) {
    test(`takes ${JSON.stringify(message)} from ${side}`, () => {
      expect(parse(message)).toEqual(message);
    });

    test(`drops ${JSON.stringify(message)} from ${side} with one member more`, () => {
      expect(parse({ ...message, digits: "4242" })).toBeUndefined();
      expect(parse({ ...message, digits: undefined })).toBeUndefined();
    });
  }
}

test("takes a message on its own side only", () => {
  for (const [side, parse] of SIDES) {
    for (const [other, , messages] of SIDES) {
      if (other !== side) for (const message of messages) expect(parse(message)).toBeUndefined();
    }
  }
});

test("takes no setting of a field that is none of the list", () => {
  for (const wrong of [
    { labelled: null },
    { disabled: "true" },
    { layout: "grid" },
    { advance: 1 },
    { style: "" },
  ]) {
    expect(parseFieldMessage({ v: 1, kind: "set", ...wrong }), JSON.stringify(wrong)).toBeUndefined();
  }
});

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
    expect(parseFieldMessage(message)).toBeUndefined();
    expect(parseCoordinatorMessage(message)).toBeUndefined();
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

test("takes no more than six digits, and brands in the order of the table only", () => {
  const change = {
    v: 1,
    kind: "change",
    field: "number",
    empty: false,
    complete: true,
    potentiallyValid: true,
  };
  for (const bin of ["", "4242424", "42424x", 424242, ["4"]])
    expect(parseFrameMessage({ ...change, bin })).toBeUndefined();
  for (const brands of ["visa", ["elo", "visa"], ["visa", "visa"], ["acme"], [4], { 0: "visa" }])
    expect(parseFrameMessage({ ...change, brands })).toBeUndefined();
  expect(parseFrameMessage({ ...change, brands: [] })).toEqual({ ...change, brands: [] });
});
