// What a merchant's backend imports: capture contexts and tokens of a vault, and the check of its webhooks. It must never
// meet a card: no call of it gives one in clear.

export type { Brand } from "../brands.js";
export type { BackendCode, Code } from "../errors.js";
export {
  type Amount,
  type CaptureContext,
  type CaptureContextRequest,
  createVaultClient,
  type StoredToken,
  type TokenQuery,
  type VaultClient,
  type VaultClientOptions,
} from "./client.js";
export { VaultError, type VaultErrorCode } from "./error.js";
export { verifyWebhook, type Webhook, type WebhookHeaders, type WebhookOptions } from "./webhook.js";
