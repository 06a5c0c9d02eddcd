// Options are parsed, and a wrong one is named without being repeated.

import { expect, test } from "@playwright/test";
import { CardsealError } from "../../js/errors.js";
import { parseMerchant, parseOptions, parseUpdate } from "../../js/host/options.js";

const context = (): string => "a.b.c";

function refusal(options: unknown, parse: (options: unknown) => unknown = parseOptions): string {
  try {
    parse(options);
  } catch (error) {
    expect(error).toBeInstanceOf(CardsealError);
    if (error instanceof CardsealError) {
      expect(error.code).toBe("options_invalid");
      expect(error.blame).toBe("misuse");
      return error.message;
    }
  }
  throw new Error("was accepted");
}

test("fills in what was left out", () => {
  const settings = parseOptions({ vault: "https://vault.example", context });
  expect(settings).toMatchObject({ vault: "https://vault.example", timeout: 30_000 });
  expect(settings.merchant).toBeUndefined();
  expect(settings.context()).toBe("a.b.c");
});

test("takes a vault's origin with and without the slash, and on the loopback host without TLS", () => {
  for (const vault of [
    "https://vault.example",
    "https://vault.example/",
    "https://vault.example:8443",
    "http://localhost:1",
    "http://127.0.0.1:1",
    "http://[::1]:1",
  ]) {
    expect(parseOptions({ vault, context }).vault).toBe(new URL(vault).origin);
  }
});

test("refuses everything else as a vault", () => {
  for (const vault of [
    undefined,
    "",
    "vault.example",
    "http://vault.example",
    "http://localhost.evil.example",
    "https://vault.example/path",
    "https://vault.example/?q",
    "https://vault.example/#f",
    "https://user:secret@vault.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc",
    "*",
  ]) {
    const message = refusal({ vault, context });
    expect(message).toContain("`vault`");
    expect(message).not.toContain("secret");
  }
});

test("refuses options that are no options", () => {
  for (const options of [undefined, "https://vault.example", 7]) {
    expect(refusal(options)).toContain("createFields()");
  }
});

test("refuses an option it does not know without repeating it", () => {
  const message = refusal({ vault: "https://vault.example", context, card: "4242424242424242" });
  expect(message).toContain("vault, context, merchant, timeout");
  expect(message).not.toMatch(/4242|card,/);
});

test("refuses a context that is no function", () => {
  for (const wrong of [undefined, "eyJ.eyJ.sig", Promise.resolve("x")]) {
    expect(refusal({ vault: "https://vault.example", context: wrong })).toContain("`context`");
  }
});

test("refuses a merchant that could leave its place in the URL", () => {
  for (const merchant of ["", "a/b", "..", "a b", "é", "x".repeat(65), 7, null]) {
    expect(refusal({ vault: "https://vault.example", context, merchant })).toContain("`merchant`");
    expect(parseMerchant(merchant)).toBeUndefined();
  }
  expect(parseMerchant("mch_01-A")).toBe("mch_01-A");
});

test("refuses times that are none", () => {
  for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 600_001, "10"]) {
    expect(refusal({ vault: "https://vault.example", context, timeout: wrong })).toContain("`timeout`");
  }
});

test("takes a well-formed language tag, or auto", () => {
  const options = { vault: "https://vault.example", context };
  expect(parseOptions(options).locale).toBe("auto");
  for (const [locale, tag] of [
    ["auto", "auto"],
    ["de", "de"],
    ["pt-br", "pt-BR"],
    ["zh-hant-TW", "zh-Hant-TW"],
  ]) {
    expect(parseOptions({ ...options, locale }).locale).toBe(tag);
  }
  for (const locale of ["", "en_US", "a", "x y", "de,fr", "4242424242424242", 7, ["de"]]) {
    expect(refusal({ ...options, locale })).toContain("`locale`");
  }
});

test("takes sentences of the page's own by the codes that the cardholder meets", () => {
  const options = { vault: "https://vault.example", context };
  expect(parseOptions(options).messages).toEqual({});
  const messages = { cvc_invalid: "Look at the back, at the 3 digits.", expiry_past: "" };
  expect(parseOptions({ ...options, messages }).messages).toEqual(messages);
  for (const wrong of [
    "text",
    7,
    { cvc_invalid: 7 },
    { cvc_invalid: "a\nb" },
    { cvc_invalid: "x".repeat(201) },
    { busy: "Wait." },
    { number_label: "Number" },
    { toString: "x" },
  ]) {
    const message = refusal({ ...options, messages: wrong });
    expect(message).toContain("`messages`");
    expect(message).not.toMatch(/Wait|Number/);
  }
});

test("update() of a form takes what it was given, all of it or nothing, and sets back what is null", () => {
  const messages = { cvc_invalid: "Look at the back." };
  const given = { theme: "dark", style: undefined, locale: "de-at", messages };
  expect(parseUpdate(given)).toEqual({ theme: "dark", locale: "de-AT", messages });
  const defaults = { theme: "auto", style: [], locale: "auto", messages: {} };
  expect(parseUpdate({ theme: null, style: null, locale: null, messages: null })).toEqual(defaults);
  expect(parseOptions({ vault: "https://vault.example", context, theme: null, style: null })).toMatchObject(
    defaults,
  );
  expect(parseUpdate(undefined)).toEqual({});
  for (const wrong of [
    { theme: "light", vault: "https://evil.example" },
    { theme: "light", toString: "4242" },
    "4242",
  ]) {
    const message = refusal(wrong, parseUpdate);
    expect(message).toContain("update() takes { theme, style, locale, messages }");
    expect(message).not.toContain("4242");
  }
  expect(refusal({ theme: "light", style: { position: "fixed" } }, parseUpdate)).toContain("position");
  expect(refusal({ theme: "light", locale: "en_US" }, parseUpdate)).toContain("`locale`");
});
