/** The choice of a co-badged card's network, and cards that the context does not take. */
import type { CaptureContextRequest } from "../../js/server/index.js";
import { expect, test } from "./checkout.ts";
import { CO_BADGED, chooser, icon, metadata, mount, told } from "./payable.ts";

const DANKORT = "4571000000000001";
const FRENCH = "4000002500000003";
const DEBIT = "4000056655665556";
const UNKNOWN = "4242424242424242";

test("the cardholder chooses the network with the keyboard, and the backend sees which", async ({
  checkout,
}) => {
  await mount(checkout);
  await checkout.fill(CO_BADGED);
  await expect(chooser(checkout)).toHaveValue("cartes-bancaires");
  await checkout.input("number").focus();
  await checkout.page.keyboard.press("Tab");
  await expect(chooser(checkout)).toBeFocused();
  await checkout.page.keyboard.press("ArrowDown");
  await expect(chooser(checkout)).toHaveValue("visa");
  await checkout.page.keyboard.press("Tab");
  await expect(checkout.input("expiry")).toBeFocused();
  await expect
    .poll(() => told(checkout))
    .toEqual([
      { field: "number", networks: ["visa", "cartes-bancaires"], network: "cartes-bancaires" },
      { field: "number", networks: ["visa", "cartes-bancaires"], network: "visa" },
    ]);
  expect(await metadata(checkout)).toMatchObject({ brand: "visa", network: "visa" });
  expect(await checkout.violations()).toEqual([]);
});

test("without a choice the issuer's preference counts, and with a preferred network that", async ({
  checkout,
}) => {
  await mount(checkout);
  await checkout.fill(CO_BADGED);
  expect(await metadata(checkout)).toMatchObject({ network: "cartes-bancaires" });
  await checkout.page.evaluate(() => window.mounted.number.update({ preferredNetwork: "visa" } as object));
  await expect(chooser(checkout)).toHaveValue("visa");
  expect(await metadata(checkout)).toMatchObject({ network: "visa" });
});

test("the cardholder's choice comes before the page's, stays after a token, and goes with the number", async ({
  checkout,
}) => {
  await mount(checkout, { number: { preferredNetwork: "visa" } });
  await checkout.fill(CO_BADGED);
  await expect(chooser(checkout)).toHaveValue("visa");
  await chooser(checkout).selectOption("cartes-bancaires");
  expect(await metadata(checkout)).toMatchObject({ network: "cartes-bancaires" });
  expect(await metadata(checkout)).toMatchObject({ network: "cartes-bancaires" });
  await checkout.page.evaluate(() => window.mounted.number.clear());
  await expect(chooser(checkout)).toBeHidden();
  await checkout.type("number", DANKORT);
  await expect(chooser(checkout)).toHaveValue("visa");
  await expect(chooser(checkout).locator("option")).toHaveText(["Dankort", "Visa"]);
  expect(await metadata(checkout)).toMatchObject({ network: "visa" });
});

test("a choice survives the loss of the coordinator", async ({ checkout }) => {
  await mount(checkout);
  await checkout.fill(CO_BADGED);
  await chooser(checkout).selectOption("visa");
  await checkout.page.evaluate(() => document.querySelector("body > iframe")?.remove());
  await expect.poll(() => checkout.ready()).toBe("ready");
  expect(await metadata(checkout)).toMatchObject({ network: "visa" });
  await expect(chooser(checkout)).toHaveValue("visa");
});

test("a network that the context does not take cannot be chosen", async ({ checkout }) => {
  await mount(checkout, { context: { brands: ["visa", "mastercard"] } });
  await checkout.fill(CO_BADGED);
  expect(await metadata(checkout)).toMatchObject({ network: "visa" });
  await expect(icon(checkout, "Visa")).toBeVisible();
  await expect(chooser(checkout)).toBeHidden();
  expect(await told(checkout)).toEqual([]);
});

test("the table is asked once for eight digits, on the vault's own origin, and tells the page nothing more", async ({
  checkout,
}) => {
  const asked: string[] = [];
  checkout.page.on("request", (request) => {
    if (!request.url().includes("/v1/bins/")) return;
    asked.push(new URL(request.url()).pathname);
    expect(request.headers().referer ?? "").toBe("");
    expect(request.headers()).not.toHaveProperty("cookie");
    expect(request.frame()).toBe(checkout.frame("coordinator"));
  });
  await mount(checkout, { context: { expose: [] } });
  await checkout.fill(CO_BADGED);
  await expect(chooser(checkout)).toBeVisible();
  await checkout.type("number", "");
  for (const key of ["Backspace", "Backspace", "0", "8"]) await checkout.page.keyboard.press(key);
  await expect(chooser(checkout)).toBeVisible();
  expect(asked).toEqual(["/v1/bins/40355010"]);
  expect(await told(checkout)).toEqual([]);
  expect(JSON.stringify(await checkout.page.evaluate(() => window.received))).not.toContain("bancaires");
});

test("a table that cannot be asked stands in nobody's way", async ({ checkout }) => {
  await checkout.page.route("**/v1/bins/*", (route) => route.abort("connectionrefused"));
  await mount(checkout);
  await checkout.fill(CO_BADGED);
  await expect(icon(checkout, "Visa")).toBeVisible();
  const { network } = await metadata(checkout);
  expect(network).toBeUndefined();
});

test("whoever pays at once waits for the answer of the table, but not for long", async ({ checkout }) => {
  let answers = 0;
  await checkout.page.route("**/v1/bins/*", async (route) => {
    answers += 1;
    await new Promise((resolve) => setTimeout(resolve, 700));
    await route.continue();
  });
  await mount(checkout);
  await checkout.type("expiry", "1229");
  await checkout.type("cvc", "123");
  await checkout.input("number").fill(CO_BADGED);
  expect(await metadata(checkout)).toMatchObject({ network: "cartes-bancaires" });
  expect(answers).toBe(1);
});

const refused: [what: string, context: Partial<CaptureContextRequest>, number: string, code: string][] = [
  ["country", { denyCountries: ["FR"] }, FRENCH, "card_not_accepted"],
  ["country that is not listed", { countries: ["US"] }, FRENCH, "card_not_accepted"],
  ["funding", { funding: ["credit"] }, DEBIT, "card_not_accepted"],
  ["first digits", { denyBins: ["424242"] }, UNKNOWN, "card_not_accepted"],
  ["brand", { brands: ["mastercard"] }, UNKNOWN, "brand_not_accepted"],
  ["networks", { brands: ["mastercard"] }, CO_BADGED, "brand_not_accepted"],
];

for (const [what, context, number, code] of refused) {
  test(`a card is refused in its field for its ${what}`, async ({ checkout }) => {
    await mount(checkout, { context });
    await checkout.fill(number);
    await expect.poll(async () => (await checkout.state("number")).error?.code).toBe(code);
    await expect(checkout.frame("number").locator("p")).toHaveText(/is not accepted\.$/);
    await expect(checkout.input("number")).toHaveAttribute("aria-invalid", "true");
    expect(await checkout.tokenize()).toMatchObject({ code, blame: "input", field: "number" });
  });
}

test("the vault refuses what a frame that knows less did not", async ({ checkout }) => {
  await checkout.page.route("**/v1/bins/*", (route) => route.abort("connectionrefused"));
  await mount(checkout, { context: { denyCountries: ["FR"] } });
  await checkout.fill(FRENCH);
  expect((await checkout.state("number")).error).toBeUndefined();
  expect(await checkout.tokenize()).toMatchObject({ code: "card_not_accepted", field: "number" });
  await expect(checkout.frame("number").locator("p")).toHaveText("This card is not accepted.");
});

test("a card's number has icon and choice as well", async ({ checkout }) => {
  await checkout.open();
  await checkout.page.evaluate(
    ({ vault }) => {
      const context = window.askContext;
      window.fields = window.cardseal.createFields({ vault, context });
      window.fields.on("networks", (event) => window.events.push({ name: "networks", event }));
      window.fields.mount("card", "#number", { preferredNetwork: "visa" });
    },
    { vault: checkout.sandbox.vault },
  );
  expect(await checkout.ready()).toBe("ready");
  const card = checkout.page.frameLocator("#number iframe");
  await card.locator("#number").pressSequentially(CO_BADGED);
  await expect(card.getByRole("combobox", { name: "Card network" })).toHaveValue("visa");
  await card.locator("#expiry").pressSequentially("1229");
  await card.locator("#cvc").pressSequentially("123");
  expect(await metadata(checkout)).toMatchObject({ network: "visa" });
  const networks = ["visa", "cartes-bancaires"];
  expect(await told(checkout)).toEqual([{ field: "number", networks, network: "visa" }]);
});

test("a context that comes late leaves chosen what it takes", async ({ checkout }) => {
  const networks = ["cartes-bancaires", "maestro", "visa"];
  await checkout.page.route("**/v1/bins/*", (route) => route.fulfill({ json: { networks } }));
  await checkout.open();
  await checkout.page.evaluate(
    ({ vault, merchant }) => {
      const context = () => new Promise<string>((give) => Object.assign(window, { give }));
      window.fields = window.cardseal.createFields({ vault, merchant, context });
      window.mounted = { ...window.mounted, number: window.fields.mount("number", "#number") };
      window.mounted.number.on("ready", () => window.events.push({ name: "ready", event: {} }));
    },
    { vault: checkout.sandbox.vault, merchant: checkout.sandbox.merchant },
  );
  await expect.poll(() => checkout.page.evaluate(() => window.events.length)).toBe(1);
  await checkout.type("number", CO_BADGED);
  await expect(chooser(checkout)).toHaveValue("cartes-bancaires");
  const context = await checkout.context({ brands: ["visa", "maestro"] });
  await checkout.page.evaluate(
    (context) => (window as unknown as { give: (context: string) => void }).give(context),
    context,
  );
  await expect(chooser(checkout).locator("option")).toHaveText(["Maestro", "Visa"]);
  await expect(chooser(checkout)).toHaveValue("maestro");
});

test("a disabled field offers no choice", async ({ checkout }) => {
  await mount(checkout);
  await checkout.fill(CO_BADGED);
  await expect(chooser(checkout)).toBeEnabled();
  await checkout.page.evaluate(() => window.mounted.number.update({ disabled: true }));
  await expect(chooser(checkout)).toBeDisabled();
});
