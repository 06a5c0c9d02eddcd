import AxeBuilder from "@axe-core/playwright";
import type { Style } from "../../js/index.js";
import { type Checkout, expect, test } from "./checkout.ts";
import { computed, mount, soon } from "./look.ts";

const LIGHT = "rgb(255, 255, 255)";
const DARK = "rgb(23, 30, 36)";

test("each state has its own style, and a field's own comes over that of the form", async ({ checkout }) => {
  const style: Style = {
    color: "rgb(1, 0, 0)",
    fontSize: "1.125rem",
    "--radius": "3px",
    ":hover": { color: "rgb(2, 0, 0)" },
    ":empty": { wordSpacing: "1px" },
    ":complete": { color: "rgb(3, 0, 0)" },
    ":invalid": { color: "rgb(4, 0, 0)", ":focus": { outlineWidth: "5px" } },
    ":focus": { borderColor: "rgb(5, 0, 0)" },
    ":disabled": { color: "rgb(6, 0, 0)" },
    "::placeholder": { color: "rgb(7, 0, 0)" },
    "::selection": { backgroundColor: "rgb(8, 0, 0)" },
  };
  await mount(checkout, { style }, { cvc: { color: "rgb(9, 0, 0)" } });
  await soon(checkout, "color").toBe("rgb(1, 0, 0)");
  expect(await computed(checkout, "font-size")).toBe("18px");
  expect(await computed(checkout, "border-radius")).toBe("3px");
  expect(await computed(checkout, "word-spacing")).toBe("1px");
  expect(await computed(checkout, "color", "number", "::placeholder")).toBe("rgb(7, 0, 0)");
  expect(await computed(checkout, "background-color", "number", "::selection")).toBe("rgb(8, 0, 0)");
  expect(await computed(checkout, "color", "cvc")).toBe("rgb(9, 0, 0)");
  await checkout.input("expiry").hover();
  await soon(checkout, "color", "expiry").toBe("rgb(2, 0, 0)");
  await checkout.type("number", "4242424242424242");
  await soon(checkout, "color").toBe("rgb(3, 0, 0)");
  expect(await computed(checkout, "border-top-color")).toBe("rgb(5, 0, 0)");
  expect(await computed(checkout, "word-spacing")).toBe("0px");
  await checkout.page.keyboard.press("Backspace");
  await checkout.page.keyboard.type("1");
  // More digits could follow: the error is due when the field is left.
  await checkout.page.keyboard.press("Tab");
  await checkout.input("number").focus();
  await soon(checkout, "color").toBe("rgb(4, 0, 0)");
  expect(await computed(checkout, "outline-width")).toBe("5px");
  await checkout.page.evaluate(() => window.mounted.expiry.update({ disabled: true }));
  await soon(checkout, "color", "expiry").toBe("rgb(6, 0, 0)");
  expect(await checkout.violations()).toEqual([]);
});

test("a condition is that of the field's own frame", async ({ checkout }) => {
  const style: Style = {
    "@media (max-width: 200px)": { color: "rgb(1, 2, 3)" },
    "@container (max-width: 200px)": { ":empty": { wordSpacing: "2px" } },
    "@container (min-width: 50em)": { color: "rgb(4, 5, 6)" },
  };
  await mount(checkout, { style });
  const before = await computed(checkout, "color");
  await checkout.page.evaluate(() => {
    const target = document.querySelector<HTMLElement>("#number");
    if (target) target.style.width = "180px";
  });
  await soon(checkout, "color").toBe("rgb(1, 2, 3)");
  expect(await computed(checkout, "word-spacing")).toBe("2px");
  expect(before).toBe("rgb(4, 5, 6)");
});

test("a hostile page's own words on the port change nothing but what the list allows", async ({
  checkout,
}) => {
  await checkout.open();
  await checkout.page.evaluate(
    ({ vault, frames }) =>
      new Promise<void>((resolve) => {
        const frame = document.createElement("iframe");
        frame.addEventListener("load", () => {
          const { port1, port2 } = new MessageChannel();
          const id = "0".repeat(32);
          frame.contentWindow?.postMessage({ v: 1, kind: "connect", nonce: id, form: id }, vault, [port2]);
          const style = [
            ["", "", "position", "fixed"],
            ["", "", "background-image", "url(https://evil.example/)"],
            ["", "", "background", "url(https://evil.example/)"],
            ["", "", "--face", "red; } body { display: none"],
            ["", "}body{display:none}x", "color", "red"],
            ["@media all{}body{display:none}@media all", "", "color", "red"],
            ["", "::before", "content", "'x'"],
            ["", "", "color", "rgb(1, 2, 3)"],
          ];
          port1.postMessage({ v: 1, kind: "look", dark: false, contrast: false, style });
          resolve();
        });
        frame.src = `${frames}/number`;
        document.querySelector("#number")?.append(frame);
      }),
    { vault: checkout.sandbox.vault, frames: checkout.sandbox.frames },
  );
  await soon(checkout, "color").toBe("rgb(1, 2, 3)");
  expect(await computed(checkout, "position")).toBe("static");
  expect(await computed(checkout, "background-image")).toBe("none");
  expect(await computed(checkout, "background-color")).toBe(LIGHT);
  expect(await checkout.frame("number").evaluate(() => getComputedStyle(document.body).display)).toBe(
    "block",
  );
  const rules = await checkout
    .frame("number")
    .evaluate(() => document.adoptedStyleSheets.at(-1)?.cssRules.length);
  expect(rules).toBe(1);
});

test("update() changes theme and style of fields that are there, and of one mounted later", async ({
  checkout,
}) => {
  await mount(checkout, { theme: "light", style: { color: "rgb(1, 2, 3)" } });
  await soon(checkout, "background-color").toBe(LIGHT);
  await checkout.type("number", "4242");
  await checkout.page.evaluate(() =>
    window.fields.update({ theme: "dark", style: { color: "rgb(4, 5, 6)" } }),
  );
  await soon(checkout, "background-color").toBe(DARK);
  await soon(checkout, "color", "expiry").toBe("rgb(4, 5, 6)");
  await expect(checkout.input("number")).toHaveValue("4242");
  await checkout.page.evaluate(() => window.mounted.cvc.unmount());
  await expect(checkout.page.locator("#cvc > iframe")).toHaveCount(0);
  await checkout.page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        window.mounted.cvc = window.fields.mount("cvc", "#cvc");
        window.mounted.cvc.on("ready", () => resolve());
      }),
  );
  await soon(checkout, "color", "cvc").toBe("rgb(4, 5, 6)");
  await checkout.page.evaluate(() => window.mounted.expiry.update({ style: { color: "rgb(7, 8, 9)" } }));
  await soon(checkout, "color", "expiry").toBe("rgb(7, 8, 9)");
  await soon(checkout, "color").toBe("rgb(4, 5, 6)");
});

const switches: [string, (checkout: Checkout) => Promise<unknown>][] = [
  ["a class", (checkout) => checkout.page.evaluate(() => document.documentElement.classList.add("night"))],
  ["the system", (checkout) => checkout.page.emulateMedia({ colorScheme: "dark" })],
  [
    "a property of an element around the field",
    (checkout) =>
      checkout.page.evaluate(() => {
        const main = document.querySelector("main");
        if (main) main.style.colorScheme = "dark";
      }),
  ],
];
for (const [what, change] of switches) {
  test(`the theme auto follows the page when ${what} changes its scheme`, async ({ checkout }) => {
    await checkout.page.emulateMedia({ colorScheme: "light" });
    await checkout.page.addInitScript(() => {
      addEventListener("DOMContentLoaded", () => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(
          ":root { color-scheme: light dark; } .night { color-scheme: dark; } * { transition: none !important; }",
        );
        if (window === window.top) document.adoptedStyleSheets = [sheet];
      });
    });
    await mount(checkout);
    await soon(checkout, "background-color").toBe(LIGHT);
    await change(checkout);
    await soon(checkout, "background-color").toBe(DARK);
  });
}

for (const theme of ["auto", "light", "dark", "contrast"] as const) {
  for (const scheme of ["light", "dark"] as const) {
    test(`a frame of the theme ${theme} stays transparent in a ${scheme} page`, async ({ checkout }) => {
      await mount(checkout, { theme });
      await checkout.page.evaluate((scheme) => {
        document.documentElement.style.colorScheme = scheme;
        document.body.style.backgroundColor = "rgb(0, 128, 255)";
      }, scheme);
      const dark = theme === "dark" || (theme !== "light" && scheme === "dark");
      const ground = theme === "contrast" ? "rgb(0, 0, 0)" : DARK;
      await soon(checkout, "background-color").toBe(dark ? ground : LIGHT);
      // The pixel in the frame's corner, where the frame paints nothing.
      const box = await checkout.page.locator("#number > iframe").boundingBox();
      const { x, y, width, height } = box ?? { x: 0, y: 0, width: 0, height: 0 };
      const pixel = async () => {
        const clip = { x: x + width - 8, y: y + height - 8, width: 4, height: 4 };
        const image = (await checkout.page.screenshot({ clip })).toString("base64");
        return checkout.page.evaluate(async (image) => {
          const bytes = Uint8Array.from(atob(image), (char) => char.charCodeAt(0));
          const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
          const context = new OffscreenCanvas(1, 1).getContext("2d");
          context?.drawImage(bitmap, 0, 0);
          return [...(context?.getImageData(0, 0, 1, 1).data ?? [])].slice(0, 3);
        }, image);
      };
      await expect.poll(pixel).toEqual([0, 128, 255]);
    });
  }
}

for (const theme of ["light", "dark", "contrast"] as const) {
  test(`axe finds nothing in the theme ${theme}, empty, complete, invalid and disabled`, async ({
    checkout,
  }) => {
    await mount(checkout, { theme });
    const check = async (state: string) => {
      const { violations } = await new AxeBuilder({ page: checkout.page }).analyze();
      expect([state, violations]).toEqual([state, []]);
      if (process.env.SCREENSHOTS)
        await checkout.page.screenshot({ path: `${process.env.SCREENSHOTS}/${theme}-${state}.png` });
    };
    await check("empty");
    await checkout.fill("4242424242424242");
    await check("complete");
    await checkout.page.evaluate(() => {
      for (const handle of Object.values(window.mounted)) handle.clear();
    });
    await checkout.fill("4242424242424241", "1220", "12");
    await checkout.input("number").focus();
    await checkout.tokenize();
    await check("invalid");
    await checkout.page.evaluate(() => window.mounted.number.update({ disabled: true }));
    await check("disabled");
  });
}
