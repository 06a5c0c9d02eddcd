// Every entry point, as a merchant's TypeScript sees it. It is compiled, never run.

import { CardsealError, type Code, createFields, type FieldHandle, type Fields, type Token } from "cardseal";
import { type Card, createSealer, type SealedCard, type Sealer } from "cardseal/direct";
import type { FieldElement, FormElement } from "cardseal/elements";
import { CardCvc, CardForm, CardNumber, useCardFields } from "cardseal/react";
import "cardseal/script";
import { type CaptureContext, createVaultClient, type StoredToken, verifyWebhook } from "cardseal/server";
import { expect, TEST_CARDS, test } from "cardseal/testing/playwright";
import { createTestVault, type TestVault } from "cardseal/testing/vault";
import { type Driver, fillCard } from "cardseal/testing/webdriverio";
import { createRef, type RefObject } from "react";

export const fields: Fields = createFields({ vault: "https://vault.example", context: () => "" });
export const handle: FieldHandle<"number"> = fields.mount("number", "#number", { label: "Card" });
handle.on("change", ({ complete, error }) => [
  complete satisfies boolean,
  error?.code satisfies Code | undefined,
]);
export const token: Promise<Token> = fields.tokenize().catch((thrown: unknown) => {
  throw thrown instanceof CardsealError ? new Error(thrown.code satisfies Code) : thrown;
});
// @ts-expect-error no field is called so
fields.mount("pin", "#pin");
// @ts-expect-error the vault is not optional
createFields({ context: () => "" });

export const form: FormElement | null = document.querySelector("card-form");
export const number: FieldElement<"number"> | null = document.querySelector("card-number");
form?.fields?.tokenize().then(({ last4 }) => last4 satisfies string);

const sealer: Sealer = createSealer({ vault: "https://vault.example" });
const card: Card = { number: "4242424242424242", expiry: "12/39", cvc: "123" };
export const sealed: Promise<SealedCard> = sealer.seal("", card);

export const script: typeof createFields = Cardseal.createFields;

function Pay() {
  const made: Fields | undefined = useCardFields();
  return (
    <button type="button" onClick={() => made?.tokenize()}>
      Pay
    </button>
  );
}
const place: RefObject<HTMLDivElement | null> = createRef();
export const page = (
  <CardForm vault="https://vault.example" context={() => ""} theme="dark">
    <CardNumber label="Card" onChange={({ complete }) => complete satisfies boolean} />
    <CardCvc id="cvc" ref={place} data-testid="cvc" aria-hidden={false} />
    <Pay />
  </CardForm>
);

const vault = createVaultClient({ api: "https://api.vault.example", clientId: "a", clientSecret: "b" });
export const context: Promise<CaptureContext> = vault.captureContext({ origins: ["https://shop.example"] });
// @ts-expect-error the vault asks for the expiry as one field
vault.captureContext({ origins: ["https://shop.example"], fields: ["number", "month", "year"] });
export const stored: Promise<StoredToken> = vault.token("tok_1");
verifyWebhook({}, "", { secrets: ["whsec_AAAA"] }).then(({ id }) => id satisfies string);

export const testVault: Promise<TestVault> = createTestVault({ origins: ["https://shop.example"] });
export const fill: (browser: Driver) => Promise<void> = (browser) => fillCard(browser, TEST_CARDS.visa);

test("pays", async ({ page, card }) => {
  await card.fill(TEST_CARDS.visa);
  await expect(page.getByRole("status")).toHaveText(/^tok_/);
});
