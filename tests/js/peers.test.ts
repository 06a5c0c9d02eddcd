// A field finds the one coordinator that belongs to it, among frames that refuse, lie or are gone.

import { expect, test } from "@playwright/test";
import { type CoordinatorPeer, findCoordinator, isAttached, placeOf } from "../../js/frame/peers.js";

const PLACE = { merchant: "m_shop", release: "0.1.0", kind: "number" };
const FORM = "00112233445566778899aabbccddeeff";

/** What a same-origin frame shows of itself. */
function coordinator(change: object = {}): { closed: boolean; cardsealPeers: readonly [CoordinatorPeer] } {
  const home = { closed: false } as unknown as Window & { closed: boolean };
  const never = (): never => {
    throw new Error("not asked here");
  };
  const peer: CoordinatorPeer = {
    place: { ...PLACE, kind: "coordinator" },
    form: FORM,
    home,
    attach: never,
    detach: never,
    edit: never,
    view: never,
    report: never,
    prefer: never,
    year: never,
    fill: never,
    filled: never,
    ...change,
  };
  home.cardsealPeers = [peer];
  return home as unknown as { closed: boolean; cardsealPeers: readonly [CoordinatorPeer] };
}

/** A frame of another origin: every touch throws. */
const foreign = new Proxy(
  {},
  {
    get: () => {
      throw new DOMException("Blocked a frame", "SecurityError");
    },
  },
);

/** Looks for the coordinator on a page that has these frames. */
function find(...frames: object[]): CoordinatorPeer | undefined {
  Object.assign(globalThis, { window: { parent: { ...frames, length: frames.length } } });
  try {
    return findCoordinator(PLACE, FORM);
  } finally {
    Reflect.deleteProperty(globalThis, "window");
  }
}

test("finds the coordinator among frames of other origins", () => {
  const mine = coordinator();
  expect(find(foreign, {}, mine, foreign)).toBe(mine.cardsealPeers[0]);
});

test("passes over other forms, merchants, releases and fields", () => {
  const field = coordinator();
  Reflect.deleteProperty(field.cardsealPeers[0], "attach");
  expect(
    find(
      coordinator({ form: "f".repeat(32) }),
      coordinator({ place: { ...PLACE, merchant: "m_other" } }),
      coordinator({ place: { ...PLACE, release: "0.2.0" } }),
      field,
    ),
  ).toBeUndefined();
});

test("finds the coordinator beside a page's frame that has a frame of the name under which peers are published", () => {
  const mine = coordinator();
  expect(find({ cardsealPeers: foreign }, mine)).toBe(mine.cardsealPeers[0]);
});

test("refuses two that fit", () => {
  expect(find(coordinator(), coordinator())).toBeUndefined();
});

test("passes over a frame that was removed", () => {
  const gone = coordinator();
  gone.closed = true;
  expect(find(gone)).toBeUndefined();
});

test("a peer is attached while its window shows its document", () => {
  const home = coordinator();
  const [peer] = home.cardsealPeers;
  expect(isAttached(peer)).toBe(true);
  home.cardsealPeers = [{ ...peer }];
  expect(isAttached(peer)).toBe(false);
  home.cardsealPeers = [peer];
  home.closed = true;
  expect(isAttached(peer)).toBe(false);
  expect(isAttached({ ...peer, home: foreign as Window })).toBe(false);
});

test("reads merchant, release and kind from the document's address", () => {
  expect(placeOf("/f/m_shop/0.1.0/number")).toEqual(PLACE);
  for (const wrong of [
    "/",
    "/f/m/0.1.0",
    "/f/m/0.1.0/number/",
    "/x/m/0.1.0/number",
    "/f/m%2F/0.1.0/number",
  ]) {
    expect(placeOf(wrong)).toBeUndefined();
  }
});
