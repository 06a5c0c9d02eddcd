import { createVaultClient } from "cardseal/server";
import { defineConfig, type Plugin } from "vite";

/** A shop's backend, as small as can be: it asks the vault for a capture context and passes it on. */
const backend: Plugin = {
  name: "backend",
  configureServer({ middlewares }) {
    const vault = createVaultClient({
      api: process.env.VAULT_API,
      clientId: process.env.VAULT_CLIENT_ID,
      clientSecret: process.env.VAULT_CLIENT_SECRET,
    });
    middlewares.use("/context", (request, response, next) => {
      const asked = vault.captureContext({ origins: [`http://${request.headers.host}`] });
      asked.then(({ context }) => response.end(context), next);
    });
  },
};

export default defineConfig({ plugins: [backend] });
