// A program that seals a card: direct mode on Node, for a context without a page.

import { createSealer } from "cardseal/direct";
import { createVaultClient } from "cardseal/server";

const backend = createVaultClient({
  api: process.env.VAULT_API,
  clientId: process.env.VAULT_CLIENT_ID,
  clientSecret: process.env.VAULT_CLIENT_SECRET,
});
const sealer = createSealer({ vault: process.env.VAULT });

const { context } = await backend.captureContext({ via: "direct", origins: [] });
const sealed = await sealer.seal(context, { number: "4242424242424242", expiry: "12/39", cvc: "123" });
const token = await sealer.tokenize(sealed);
process.stdout.write(token.id);
