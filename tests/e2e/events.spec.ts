import { type Checkout, expect, test } from "./checkout.ts";

/** What the page heard of one event. */
async function heard<T>(checkout: Checkout, name: string): Promise<T[]> {
  return (await checkout.page.evaluate(
    (name) => window.events.filter((entry) => entry.name === name).map(({ event }) => event),
    name,
  )) as T[];
}

test("a field says when it, the coordinator and the context were ready", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  const ready = await heard<{ field: string; timings: { coordinator: number; field: number } }>(
    checkout,
    "ready",
  );
  expect(ready.map(({ field }) => field).sort()).toEqual(["cvc", "expiry", "number"]);
  for (const { timings } of ready) {
    expect(timings.coordinator).toBeGreaterThan(0);
    expect(timings.field).toBeGreaterThanOrEqual(timings.coordinator);
  }
});

test("change narrows the brands while typing, and brand comes once it is certain and when it goes", async ({
  checkout,
}) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.type("number", "4");
  await expect
    .poll(() => checkout.state("number"))
    .toMatchObject({ brands: ["visa", "naranja", "maestro", "elo"], potentiallyValid: true });
  expect(await heard(checkout, "brand")).toEqual([]);
  await checkout.page.keyboard.type("2");
  await expect.poll(() => heard(checkout, "brand")).toEqual([{ field: "number", brand: "visa" }]);
  await checkout.page.keyboard.press("Backspace");
  await expect.poll(() => heard(checkout, "brand")).toHaveLength(2);
  expect((await heard(checkout, "brand"))[1]).toEqual({ field: "number" });
});

test("a number that cannot become right is told as such at once", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.type("number", "378282246310006");
  await expect
    .poll(() => checkout.state("number"))
    .toMatchObject({ potentiallyValid: false, complete: false });
});

test("Enter and Escape in a field reach the page, and no other key does", async ({ checkout }) => {
  await checkout.mount();
  await checkout.ready();
  await checkout.type("cvc", "12");
  await checkout.page.keyboard.press("Enter");
  await checkout.page.keyboard.press("Escape");
  await expect.poll(() => heard(checkout, "escape")).toEqual([{ field: "cvc" }]);
  expect(await heard(checkout, "enter")).toEqual([{ field: "cvc" }]);
});

test("without `bin` in the context no event has a digit, with it one BIN is given and no second", async ({
  checkout,
}) => {
  await checkout.mount();
  await checkout.fill("4242424242424242");
  expect(JSON.stringify(await heard(checkout, "change"))).not.toMatch(/"bin"|\d/);

  const other = await checkout.page.context().newPage();
  const asking = Object.assign(Object.create(checkout), { page: other }) as Checkout;
  await asking.mount([await checkout.context({ expose: ["brand", "bin"] })]);
  await asking.ready();
  await asking.type("number", "424242424242424");
  expect(JSON.stringify(await heard(asking, "change"))).not.toContain("bin");
  await other.keyboard.type("2");
  await expect.poll(() => asking.state("number")).toMatchObject({ complete: true, bin: "424242" });
  // The first digit goes, another card's takes its place: the page hears nothing of the new head.
  await other.keyboard.press("ControlOrMeta+a");
  await other.keyboard.type("5555555555554444");
  await expect.poll(() => asking.state("number")).toMatchObject({ complete: true });
  expect(await asking.state("number")).not.toHaveProperty("brand");
  expect(await asking.state("number")).not.toHaveProperty("bin");
  // A page that rebuilds the coordinator gets no other answer: the field remembers what it gave.
  await other.evaluate(() => {
    for (const frame of document.querySelectorAll("iframe"))
      if (frame.src.endsWith("/coordinator")) frame.remove();
  });
  await other.waitForTimeout(1500);
  const told = JSON.stringify(await heard(asking, "change"));
  expect(told.match(/"bin":"\d+"/g)?.every((bin) => bin === '"bin":"424242"')).toBe(true);
});

test("a frame that a page's policy blocks is told as blocked, and loads by itself once it can", async ({
  checkout,
}) => {
  await checkout.page.route("**/f/**/cvc*", (route) => route.abort("blockedbyclient"));
  await checkout.mount([], 1500);
  await expect
    .poll(() => heard<{ field?: string; cause: string }>(checkout, "loaderror"), { timeout: 10_000 })
    .toContainEqual(expect.objectContaining({ field: "cvc", cause: "blocked" }));
  await checkout.type("number", "4242");
  await checkout.page.unroute("**/f/**/cvc*");
  await expect
    .poll(async () => (await heard<{ field: string }>(checkout, "ready")).map(({ field }) => field), {
      timeout: 15_000,
    })
    .toContain("cvc");
  await expect(checkout.input("number")).toHaveValue("4242");
});

test("what did not load offline is loaded when the browser is online again", async ({ checkout }) => {
  await checkout.open();
  await checkout.page.context().setOffline(true);
  await checkout.page.evaluate(
    ({ vault, merchant }) => {
      const ask = window.askContext;
      const fields = window.cardseal.createFields({ vault, merchant, context: ask, timeout: 1500 });
      for (const name of ["ready", "loaderror"] as const)
        fields.on(name, (event) => window.events.push({ name, event }));
      fields.mount("number", "#number");
    },
    { vault: checkout.sandbox.vault, merchant: checkout.sandbox.merchant },
  );
  await expect
    .poll(async () => (await heard<{ cause: string }>(checkout, "loaderror")).map(({ cause }) => cause), {
      timeout: 8000,
    })
    .toContain("offline");
  await checkout.page.context().setOffline(false);
  await expect.poll(() => heard(checkout, "ready"), { timeout: 15_000 }).toHaveLength(1);
});

test("a context that the frame refuses is told with its cause", async ({ checkout }) => {
  await checkout.mount(["hello"]);
  await checkout.ready();
  const errors = await heard<{ cause: string }>(checkout, "loaderror");
  expect(errors.map(({ cause }) => cause)).toContain("context_rejected");
});
