// Every network that the engine knows has an icon of its own.

import { expect, test } from "@playwright/test";
import { BRANDS } from "../../js/brands.js";
import { NETWORKS } from "../../js/frame/icons.js";

test("each network has a title, and letters that no other has", () => {
  expect(Object.keys(NETWORKS)).toEqual([...BRANDS]);
  for (const place of [0, 1] as const) {
    const texts = BRANDS.map((brand) => NETWORKS[brand][place]);
    expect(new Set(texts).size).toBe(texts.length);
  }
  for (const brand of BRANDS) expect(NETWORKS[brand][1]).toMatch(/^[A-Z]{2,5}$/);
});
