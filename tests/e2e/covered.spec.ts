// The fields notice what lies over them. Chromium says so where it draws for itself, as it does in these tests.

import { type Checkout, expect, test } from "./checkout.ts";
import { mount } from "./look.ts";

type Cover = { field: string; covered: boolean };

/** Mounts three fields; answers what was told about covers since. */
async function watch(checkout: Checkout): Promise<() => Promise<Cover[]>> {
  await mount(checkout);
  await checkout.page.evaluate(() => {
    window.fields.on("covered", (event) => window.events.push({ name: "covered", event }));
  });
  return () =>
    checkout.page.evaluate(() =>
      window.events.filter(({ name }) => name === "covered").map(({ event }) => event as Cover),
    );
}

/** Runs in the page, on the element of the number. */
function change(checkout: Checkout, how: (target: HTMLElement) => void): Promise<void> {
  return checkout.page.locator("#number").evaluate(how as (target: SVGElement | HTMLElement) => void);
}

/** Longer than the browser takes to look again. */
const PAUSE = 600;

test("what the page lays over a field is told, and that it is gone, whether it can be clicked through or not", async ({
  checkout,
}) => {
  const told = await watch(checkout);
  for (const pointerEvents of ["auto", "none"]) {
    await checkout.page.evaluate((pointerEvents) => {
      window.events = [];
      const cover = document.createElement("div");
      cover.id = "cover";
      const { top, left, width } =
        document.querySelector("#number > iframe")?.getBoundingClientRect() ?? new DOMRect();
      Object.assign(cover.style, {
        position: "fixed",
        top: `${top + 10}px`,
        left: `${left + 10}px`,
        width: `${width / 2}px`,
        height: "2rem",
        background: "white",
        pointerEvents,
      });
      document.body.append(cover);
    }, pointerEvents);
    await expect.poll(told).toEqual([{ field: "number", covered: true }]);
    await checkout.page.evaluate(() => document.querySelector("#cover")?.remove());
    await expect.poll(told).toEqual([
      { field: "number", covered: true },
      { field: "number", covered: false },
    ]);
  }
  await checkout.fill("4242424242424242");
  expect((await checkout.tokenize()).last4).toBe("4242");
});

test("a field that the page makes see-through is told of as covered", async ({ checkout }) => {
  const told = await watch(checkout);
  await change(checkout, (target) => {
    target.style.opacity = "0.1";
  });
  await expect.poll(told).toEqual([{ field: "number", covered: true }]);
  await change(checkout, (target) => {
    target.style.opacity = "";
  });
  await expect.poll(told).toHaveLength(2);
});

test("nothing is told of fields in an ordinary page, typed into, wrong, scrolled out, folded away or gone", async ({
  checkout,
}) => {
  const told = await watch(checkout);
  const { page } = checkout;
  await checkout.fill("4242424242424241");
  await checkout.tokenize();
  await page.waitForTimeout(PAUSE);
  await page.evaluate(() => {
    const space = document.createElement("div");
    space.style.height = "5000px";
    document.body.append(space);
    scrollTo(0, 4000);
  });
  await page.waitForTimeout(PAUSE);
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(PAUSE);
  await change(checkout, (target) => {
    target.style.display = "none";
  });
  await page.waitForTimeout(PAUSE);
  await change(checkout, (target) => {
    target.style.display = "";
  });
  await page.waitForTimeout(PAUSE);
  await page.evaluate(() => window.mounted.number.unmount());
  await page.waitForTimeout(PAUSE);
  expect(await told()).toEqual([]);
});

test("nothing is told of a field in a closed <details>, nor once it is opened", async ({ checkout }) => {
  await checkout.open();
  await checkout.page.evaluate(
    ({ vault }) => {
      const details = document.createElement("details");
      const target = document.querySelector("#number");
      target?.replaceWith(details);
      if (target) details.append(document.createElement("summary"), target);
      const context = window.askContext;
      window.fields = window.cardseal.createFields({ vault, context });
      window.fields.on("covered", (event) => window.events.push({ name: "covered", event }));
      window.fields.mount("number", "#number");
      return window.fields.ready;
    },
    { vault: checkout.sandbox.vault },
  );
  await checkout.page.waitForTimeout(PAUSE);
  await checkout.page.evaluate(() => document.querySelector("details")?.toggleAttribute("open"));
  await expect(checkout.input("number")).toBeVisible();
  await checkout.page.waitForTimeout(PAUSE);
  expect(await checkout.page.evaluate(() => window.events)).toEqual([]);
});
