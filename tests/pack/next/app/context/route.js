import { createVaultClient } from "cardseal/server";

// Made at the first request: a build runs this file too, and has no credentials.
let vault;

export async function GET(request) {
  vault ??= createVaultClient({
    api: process.env.VAULT_API,
    clientId: process.env.VAULT_CLIENT_ID,
    clientSecret: process.env.VAULT_CLIENT_SECRET,
  });
  const { context } = await vault.captureContext({ origins: [`http://${request.headers.get("host")}`] });
  return new Response(context);
}

export const dynamic = "force-dynamic";
