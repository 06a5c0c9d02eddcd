// What is mounted is parsed, and a wrong option is named without being repeated.

import { expect, test } from "@playwright/test";
import { CardsealError } from "../../js/errors.js";
import { type MountName, merge, parseFieldOptions } from "../../js/host/mount.js";

function refusal(of: MountName, options: unknown): string {
  try {
    parseFieldOptions(of, options);
  } catch (error) {
    expect(error).toBeInstanceOf(CardsealError);
    if (error instanceof CardsealError) {
      expect(error.code).toBe("options_invalid");
      return error.message;
    }
  }
  throw new Error(`was accepted: ${JSON.stringify(options)}`);
}

test("parses what a field is given, and leaves out what was left out", () => {
  const nothing = { settings: {}, texts: {}, fields: ["number"], address: [] };
  expect(parseFieldOptions("number", undefined)).toMatchObject(nothing);
  expect(parseFieldOptions("number", { label: undefined, disabled: undefined })).toMatchObject(nothing);
  const given = { label: "Card <number>", placeholder: "", disabled: true, advance: false };
  expect(parseFieldOptions("number", given)).toMatchObject({
    settings: { disabled: true, advance: false, labelled: false },
    texts: { number_label: "Card <number>", number_placeholder: "" },
  });
});

test("an empty label is one that the page has itself: it is hidden, and the field keeps its name", () => {
  expect(parseFieldOptions("cvc", { label: "" })).toMatchObject({ settings: { labelled: true }, texts: {} });
});

test("month and year can be lists to choose from", () => {
  for (const of of ["month", "year"] as const) {
    expect(parseFieldOptions(of, { control: "select" }).address).toEqual(["select"]);
    expect(parseFieldOptions(of, { control: "input" }).address).toEqual([]);
    expect(refusal(of, { control: "listbox" })).toContain("control");
  }
  expect(refusal("expiry", { control: "select" })).toContain("month and year");
});

test("a card has number, expiry and cvc, or the inputs that it is given, in their order", () => {
  expect(parseFieldOptions("card", undefined).fields).toEqual(["number", "expiry", "cvc"]);
  const inputs = ["name", "number", "year", "month", "postal_code"] as const;
  const parsed = parseFieldOptions("card", { inputs, control: "select", layout: "row" });
  expect(parsed.fields).toEqual(inputs);
  expect(parsed.address).toEqual(["select", ...inputs]);
  expect(parsed.settings).toEqual({ layout: "row" });
});

test("a card has a name of its own, and its inputs have their labels and placeholders", () => {
  const { texts, settings } = parseFieldOptions("card", {
    label: "Pay by card",
    labels: { number: "No.", postal_code: "ZIP" },
    placeholders: { number: "" },
  });
  expect(texts).toEqual({
    card_label: "Pay by card",
    number_label: "No.",
    postal_code_label: "ZIP",
    number_placeholder: "",
  });
  // Its inputs keep the labels that are seen.
  expect(settings).toEqual({});
  expect(parseFieldOptions("card", { label: "" }).settings).toEqual({});
});

test("refuses what a field cannot be given, without repeating it", () => {
  for (const wrong of [
    { label: "4242424242424242".repeat(7) },
    { label: 4242 },
    { placeholder: "a\u0000b" },
    { placeholder: "a\u202eb" },
    { disabled: "yes" },
    { advance: 1 },
    { labelledby: "4242" },
    { layout: "row" },
    { inputs: ["number"] },
    { labels: { number: "4242" } },
    "4242",
  ]) {
    const message = refusal("number", wrong);
    expect(message).toContain("A field takes");
    expect(message).not.toContain("4242");
  }
});

test("refuses what a card cannot be given, without repeating it", () => {
  for (const wrong of [
    { inputs: [] },
    { inputs: ["number", "4242"] },
    { inputs: ["card"] },
    { inputs: "number" },
    { inputs: "" },
    { inputs: { length: 0 } },
    { layout: "4242" },
    { control: "" },
    { control: false },
    { placeholder: "4242" },
    { labels: { number: 4242 } },
    { labels: { number: "4242\n" } },
    { labels: { "4242": "x" } },
    { labels: { number: "4242".repeat(26) } },
  ]) {
    const message = refusal("card", wrong);
    expect(message, JSON.stringify(wrong)).toContain("A card takes");
    expect(message).not.toContain("4242");
  }
});

test("an option that update() was given comes over the one before, and null takes it back", () => {
  const before = merge({}, { label: "Number", disabled: true, placeholder: null, style: undefined });
  expect(before).toEqual({ label: "Number", disabled: true });
  expect(merge(before, { placeholder: "", disabled: undefined })).toEqual({ ...before, placeholder: "" });
  expect(merge(before, { label: null })).toEqual({ disabled: true });
  expect(merge(before, undefined)).toEqual(before);
  expect(merge(before, null)).toEqual(before);
});

test("icons and a preferred network are for those that show them", () => {
  const given = { icons: false, preferredNetwork: "cartes-bancaires" };
  for (const of of ["number", "card"] as const) expect(parseFieldOptions(of, given).settings).toEqual(given);
  expect(parseFieldOptions("cvc", { icons: true }).settings).toEqual({ icons: true });
  expect(refusal("cvc", { preferredNetwork: "visa" })).toContain("preferredNetwork");
  expect(refusal("expiry", { icons: false })).toContain("icons");
  for (const wrong of [{ icons: "4242" }, { preferredNetwork: "4242" }, { preferredNetwork: ["visa"] }])
    expect(refusal("number", wrong)).not.toContain("4242");
});
