import { expect, test } from "./checkout.ts";
import { computed, mount, soon } from "./look.ts";

test("a system that asks for contrast gets it in the theme auto", async ({ checkout }) => {
  await checkout.page.emulateMedia({ contrast: "more" });
  await mount(checkout);
  await soon(checkout, "border-top-width").toBe("2px");
  await checkout.page.emulateMedia({ contrast: "no-preference" });
  await soon(checkout, "border-top-width").toBe("1px");
});

test("the page's element says what state its field is in, until the field is gone", async ({ checkout }) => {
  await mount(checkout);
  const classes = () =>
    checkout.page.evaluate(() => [...(document.querySelector("#number")?.classList ?? [])].sort().join(" "));
  await checkout.page.evaluate(() => document.querySelector("#number")?.classList.add("mine"));
  await expect.poll(classes).toBe("cardseal-empty mine");
  await checkout.type("number", "4242");
  await expect.poll(classes).toBe("cardseal-focused mine");
  await checkout.page.keyboard.type("424242424242");
  await expect.poll(classes).toBe("cardseal-complete cardseal-focused mine");
  await checkout.page.keyboard.press("Backspace");
  await checkout.page.keyboard.press("Tab");
  await expect.poll(classes).toBe("cardseal-invalid mine");
  await checkout.page.evaluate(() => window.fields.destroy());
  await expect.poll(classes).toBe("mine");
});

test("in forced colours the focus is seen though the style takes the outline away", async ({ checkout }) => {
  await checkout.page.emulateMedia({ forcedColors: "active" });
  await mount(checkout, { style: { ":focus": { outline: "0" }, color: "red", backgroundColor: "red" } });
  await checkout.input("number").focus();
  await soon(checkout, "outline-style").toBe("solid");
  expect(await computed(checkout, "outline-style", "cvc")).toBe("none");
  expect(await computed(checkout, "background-color")).not.toBe("rgb(255, 0, 0)");
});

test("where less motion is asked for there is no transition", async ({ checkout }) => {
  await checkout.page.emulateMedia({ reducedMotion: "reduce" });
  await mount(checkout, { style: { transition: "color 900ms", color: "rgb(1, 2, 3)" } });
  await soon(checkout, "color").toBe("rgb(1, 2, 3)");
  expect(await computed(checkout, "transition-duration")).toBe("0s");
});

// WCAG 2.2, 1.4.12 and 1.4.4; twice the zoom is half the width.
for (const [what, css, width] of [
  [
    "with text spacing",
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-bottom: 2em !important; }",
    640,
  ],
  ["at twice the zoom of a narrow window", ":root { }", 320],
] as const) {
  test(`nothing is cut off ${what}`, async ({ checkout }) => {
    await checkout.page.setViewportSize({ width, height: 800 });
    await mount(checkout);
    await checkout.fill("4242424242424241", "1220", "12");
    await checkout.tokenize();
    for (const field of ["number", "expiry", "cvc"] as const) {
      const cut = await checkout.frame(field).evaluate((css) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(css);
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
        const shown = [...document.querySelectorAll("label, p")].map((node) => node.getBoundingClientRect());
        const input = document.querySelector("input");
        return [
          ...shown.filter(({ top, bottom, right }) => top < 0 || bottom > innerHeight || right > innerWidth),
          ...(input && input.scrollWidth > input.clientWidth ? [input.scrollWidth] : []),
        ];
      }, css);
      expect([field, cut]).toEqual([field, []]);
    }
  });
}

test("a long error in a narrow field has the lines that it needs, and no digit changes the frame's height", async ({
  checkout,
}) => {
  await mount(checkout, { locale: "de" });
  const element = checkout.page.locator("#number");
  await element.evaluate((target) => {
    if (target instanceof HTMLElement) target.style.width = "110px";
  });
  const height = () => element.locator("iframe").evaluate((frame) => frame.getBoundingClientRect().height);
  const before = await height();
  await checkout.type("number", "42424");
  await checkout.page.keyboard.press("Tab");
  const error = checkout.frame("number").locator("p");
  await expect(error).toHaveText("Geben Sie die ganze Kartennummer ein.");
  const cut = () =>
    error.evaluate((node) => {
      const { bottom, right } = node.getBoundingClientRect();
      return [bottom > innerHeight, right > innerWidth, node.scrollWidth > node.clientWidth];
    });
  await expect.poll(cut).toEqual([false, false, false]);
  const grown = await height();
  expect(grown).toBeGreaterThan(before + 20);
  for (const [key, expected] of [
    ["Backspace", before],
    ["7", before],
    ["1", before],
    ["Tab", grown],
  ] as const) {
    if (key !== "Tab") await checkout.input("number").focus();
    await checkout.page.keyboard.press(key);
    await expect.poll(height).toBe(expected);
  }
});
