// What WCAG 2.2 asks of the fields and axe cannot see; docs/accessibility.md names these tests criterion by criterion.

import { readdirSync, readFileSync } from "node:fs";
import { type Checkout, expect, type Field, test } from "./checkout.ts";
import { mount, soon } from "./look.ts";

const FIELDS = ["number", "expiry", "cvc"] as const;

/** Shown texts and edges with what they stand on, and how far apart the two are (WCAG 2.2, relative luminance). */
function contrasts(checkout: Checkout, field: Field): Promise<Record<string, number>> {
  return checkout.frame(field).evaluate(() => {
    const luminance = (color: string): number => {
      const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
        const value = Number(part) / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const ratio = (one: string, other: string): number => {
      const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    };
    const style = (selector: string, pseudo?: string): CSSStyleDeclaration => {
      const found = document.querySelector(selector);
      if (!found) throw new Error(`no ${selector}`);
      return getComputedStyle(found, pseudo);
    };
    const input = style("input");
    const face = input.backgroundColor;
    const error = style("p");
    // What the page is like behind a frame that shows through, if nobody painted it: the scheme's own ground.
    const ground = document.documentElement.classList.contains("dark")
      ? "rgb(18, 18, 18)"
      : "rgb(255, 255, 255)";
    return {
      text: ratio(input.color, face),
      label: ratio(style("label").color, face),
      placeholder: ratio(style("input", "::placeholder").color, face),
      error: error.padding === "0px" ? 21 : ratio(error.color, error.backgroundColor),
      edge: ratio(input.borderTopColor, face),
      "edge on the page": ratio(input.borderTopColor, ground),
      outline: input.outlineStyle === "none" ? 21 : ratio(input.outlineColor, ground),
      mark: ratio(style("div", "::after").color, face),
    };
  });
}

for (const theme of ["light", "dark", "contrast"] as const) {
  for (const scheme of ["light", "dark"] as const) {
    if (theme !== "contrast" && theme !== scheme) continue;
    test(`texts, edges, marks and the focus stand out in the theme ${theme}, ${scheme}`, async ({
      checkout,
    }) => {
      await checkout.page.emulateMedia({ colorScheme: scheme });
      await mount(checkout, { theme });
      await checkout.page.evaluate(() => {
        document.documentElement.style.colorScheme = "light dark";
      });
      await soon(checkout, "color-scheme").toBe(scheme);
      const text = theme === "contrast" ? 7 : 4.5;
      const holds = async (field: Field) => {
        for (const [what, ratio] of Object.entries(await contrasts(checkout, field))) {
          const least = ["text", "label", "placeholder", "error"].includes(what) ? text : 3;
          expect(ratio, `${what} of ${field}`).toBeGreaterThanOrEqual(least);
        }
      };
      await holds("number");
      await checkout.fill("4242424242424242", "1220", "12");
      await checkout.tokenize();
      for (const field of FIELDS) await holds(field);
      await checkout.input("expiry").hover();
      await holds("expiry");
    });
  }
}

test("Tab and Shift+Tab stop at each field once, in page order, and at nothing that is hidden", async ({
  checkout,
}) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.page.evaluate(() => {
    for (const place of ["prepend", "append"] as const) {
      const button = document.createElement("button");
      button.textContent = button.title = place;
      document.querySelector("main")?.[place](button);
    }
  });
  const stop = () =>
    checkout.page.evaluate(() =>
      document.activeElement instanceof HTMLElement ? document.activeElement.title : "",
    );
  await checkout.page.getByRole("button", { name: "prepend" }).focus();
  const stops = ["prepend", "Card number", "Expiry date", "Security code", "append"];
  for (const [key, expected] of [
    ["Tab", stops.slice(1)],
    ["Shift+Tab", stops.slice(0, -1).reverse()],
  ] as const) {
    for (const title of expected) {
      await checkout.page.keyboard.press(key);
      await expect.poll(stop).toBe(title);
      const field = FIELDS[stops.indexOf(title) - 1];
      // In the frame it is the input that has it.
      if (field) await expect(checkout.input(field)).toBeFocused();
    }
  }
});

test("the focused field is covered by nothing, its outline is two pixels wide and inside the frame", async ({
  checkout,
}) => {
  await mount(checkout);
  for (const field of FIELDS) {
    await checkout.input(field).focus();
    await expect(checkout.input(field)).toBeFocused();
    const seen = await checkout.input(field).evaluate((input) => {
      const { left, top, right, bottom } = input.getBoundingClientRect();
      const { outlineWidth, outlineOffset } = getComputedStyle(input);
      const around = Number.parseFloat(outlineWidth) + Number.parseFloat(outlineOffset);
      const points = [left + 2, (left + right) / 2, right - 2].map((x) => [x, (top + bottom) / 2] as const);
      return {
        covered: points.filter(([x, y]) => document.elementFromPoint(x, y) !== input),
        outlineWidth,
        inside:
          left >= around && top >= around && innerWidth - right >= around && innerHeight - bottom >= around,
      };
    });
    expect(seen).toEqual({ covered: [], outlineWidth: "2px", inside: true });
  }
});

test("every target is at least 24 pixels high and wide", async ({ checkout }) => {
  await checkout.page.setViewportSize({ width: 320, height: 640 });
  await mount(checkout);
  for (const field of FIELDS) {
    const targets = await checkout.frame(field).evaluate(() =>
      [...document.querySelectorAll("input[id], select, button, a[href]")].map((target) => {
        const { width, height } = target.getBoundingClientRect();
        return Math.min(width, height);
      }),
    );
    expect(targets.length).toBeGreaterThan(0);
    for (const least of targets) expect(least).toBeGreaterThanOrEqual(24);
  }
});

for (const [width, height] of [
  [320, 640],
  [640, 320],
] as const) {
  test(`in a window of ${width} by ${height} pixels nothing has to be scrolled sideways`, async ({
    checkout,
  }) => {
    await checkout.page.setViewportSize({ width, height });
    await mount(checkout);
    await checkout.fill("4242424242424242", "1220", "12");
    await checkout.tokenize();
    for (const frame of [checkout.page.mainFrame(), ...FIELDS.map((field) => checkout.frame(field))]) {
      const [scrolled, shown] = await frame.evaluate(() => [
        document.documentElement.scrollWidth,
        innerWidth,
      ]);
      expect(scrolled).toBeLessThanOrEqual(shown ?? 0);
    }
  });
}

test("an error is told in words that belong to the input, in a region that was there before, and goes once it is mended", async ({
  checkout,
}) => {
  await checkout.mount();
  await checkout.ready();
  const input = checkout.input("expiry");
  const region = checkout.frame("expiry").locator("[aria-live=polite]");
  await expect(region).toHaveCount(1);
  await expect(region).toBeEmpty();
  await expect(input).toHaveAttribute("aria-invalid", "false");
  await checkout.type("expiry", "1220");
  await checkout.page.keyboard.press("Tab");
  await expect(region).toHaveText("This card has expired.");
  await expect(input).toHaveAttribute("aria-invalid", "true");
  await expect(input).toHaveAccessibleDescription("This card has expired.");
  await input.click();
  await checkout.page.keyboard.press("Backspace");
  await checkout.page.keyboard.type("9");
  await expect(region).toBeEmpty();
  await expect(input).toHaveAttribute("aria-invalid", "false");
  await expect(input).toHaveAccessibleDescription("");
});

const FOLDER = new URL("../../js/frame/messages/", import.meta.url);
const LANGUAGES = readdirSync(FOLDER).map(
  (file) =>
    [file, JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as Record<string, string>] as const,
);

/** Mounts the fields, the code's in a place of this width. */
async function mountNarrow(checkout: Checkout, width: string) {
  await mount(checkout);
  await checkout.page.evaluate((width) => {
    const place = document.querySelector<HTMLElement>("#cvc");
    if (place) place.style.width = width;
  }, width);
  return checkout.frame("cvc");
}

test("the longest error of every language has room below a field of half a narrow window", async ({
  checkout,
}) => {
  const frame = await mountNarrow(checkout, "144px");
  for (const [file, texts] of LANGUAGES) {
    const errors = Object.keys(texts).filter((name) => /^cvc_(?!label|placeholder)/.test(name));
    const longest = errors.map((name) => texts[name] ?? "").sort((a, b) => b.length - a.length)[0] ?? "";
    await frame.evaluate((text) => {
      const error = document.querySelector("p");
      if (error) error.textContent = text;
    }, longest);
    // The page makes the frame as high as it says it has to be.
    const hidden = () =>
      frame.evaluate(() => {
        const { bottom = 0, right = 0 } = document.querySelector("p")?.getBoundingClientRect() ?? {};
        return Math.max(bottom - innerHeight, right - innerWidth);
      });
    await expect.poll(hidden, file).toBeLessThanOrEqual(0.5);
  }
});

test("every label of every language has room in a field 12 em wide", async ({ checkout }) => {
  const frame = await mountNarrow(checkout, "12em");
  const labels = LANGUAGES.flatMap(([, texts]) =>
    ["number", "expiry", "month", "year", "cvc", "name", "postal_code"].map(
      (of) => texts[`${of}_label`] ?? "",
    ),
  );
  const cut = await frame.evaluate((labels) => {
    const label = document.querySelector("label");
    return labels.filter((text) => {
      if (label) label.textContent = text;
      return !label || label.scrollWidth > label.clientWidth;
    });
  }, labels);
  expect(cut).toEqual([]);
});
