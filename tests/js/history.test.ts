// What can be taken back and done again, and by which keys.

import { expect, test } from "@playwright/test";
import { History } from "../../js/frame/history.js";

const at = (text: string) => ({ text, caret: text.length });

test("steps back to where each edit began, and forth again", () => {
  const history = new History();
  history.add(at(""));
  history.add(at("4"));
  expect(history.step(true, at("42"))).toEqual(at("4"));
  expect(history.step(true, at("4"))).toEqual(at(""));
  expect(history.step(true, at(""))).toBeUndefined();
  expect(history.step(false, at(""))).toEqual(at("4"));
  expect(history.step(false, at("4"))).toEqual(at("42"));
  expect(history.step(false, at("42"))).toBeUndefined();
});

test("an edit ends what could be done again", () => {
  const history = new History();
  history.add(at(""));
  expect(history.step(true, at("4"))).toEqual(at(""));
  history.add(at(""));
  expect(history.step(false, at("5"))).toBeUndefined();
  expect(history.step(true, at("5"))).toEqual(at(""));
});

test("keeps a hundred steps, and none after it was cleared", () => {
  const history = new History();
  for (let count = 0; count < 250; count++) history.add(at("4".repeat(count)));
  let steps = 0;
  while (history.step(true, at("x"))) steps++;
  expect(steps).toBe(100);
  history.add(at("4"));
  history.clear();
  expect(history.step(true, at("42"))).toBeUndefined();
  expect(history.step(false, at("42"))).toBeUndefined();
});
