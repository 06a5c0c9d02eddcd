/** Contexts that this vault never signed. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { Checkout } from "./checkout.ts";

/** Contexts signed by a key that the vault's published keys are made to contain. */
export async function forger(checkout: Checkout) {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "another-key", use: "sig", alg: "ES256" };
  const genuine = await checkout.context();
  const claims: JWTPayload = JSON.parse(Buffer.from(genuine.split(".")[1] ?? "", "base64url").toString());
  return {
    genuine,
    publish: () =>
      checkout.page.route("**/.well-known/jwks.json", async (route) => {
        const keys = await (await route.fetch()).json();
        await route.fulfill({ json: { keys: [...keys.keys, jwk] } });
      }),
    sign: (changes: JWTPayload, typ = "cardseal-context+jwt") =>
      new SignJWT({ ...claims, ...changes })
        .setProtectedHeader({ alg: "ES256", kid: "another-key", typ })
        .sign(privateKey),
  };
}

export type Forger = Awaited<ReturnType<typeof forger>>;
