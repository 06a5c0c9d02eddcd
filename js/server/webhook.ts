// Checks that a webhook is what a holder of the secret sent, and lately (Standard Webhooks 1.0). It must never read a body
// that it has not checked.

import { VaultError } from "./error.js";

/** The headers of a request: a `Headers`, or Node's `request.headers`. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** What verifyWebhook() takes besides the request. */
export interface WebhookOptions {
  /** `whsec_` and Base64, as the vault showed it. While it is renewed both: any of them may have signed. */
  readonly secrets: string | readonly string[];
  /** Seconds that its time may be apart from now; 300 if left out. */
  readonly tolerance?: number | undefined;
}

/** A webhook that was checked. */
export interface Webhook {
  /** The same each time that it is sent again. Take each once: keep it for twice the tolerance. */
  readonly id: string;
  /** When it was sent, Unix seconds. */
  readonly timestamp: number;
  /** Its parsed JSON. */
  readonly payload: unknown;
}

/**
 * Checks the signature and the time of a webhook, then parses it. `body` is the request's, byte for byte: text that was
 * parsed and written again is not the same.
 *
 * Rejects with a `VaultError`: `webhook_invalid` if a header is missing or malformed, or no secret fits;
 * `webhook_expired` if its time is too far from now; `options_invalid` if a secret is none.
 */
export async function verifyWebhook(
  headers: WebhookHeaders,
  body: string | Uint8Array<ArrayBuffer>,
  { secrets, tolerance = 300 }: WebhookOptions,
): Promise<Webhook> {
  const keys = await Promise.all([secrets].flat().map(importSecret));
  if (keys.length === 0)
    throw new VaultError("options_invalid", "There is no secret to check a webhook with.");
  const id = headerOf(headers, "webhook-id");
  const time = headerOf(headers, "webhook-timestamp");
  const signatures = headerOf(headers, "webhook-signature");
  if (!id || !/^[0-9]{1,12}$/.test(time)) throw invalid("webhook-id or webhook-timestamp is missing.");

  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const head = new TextEncoder().encode(`${id}.${time}.`);
  const signed = new Uint8Array(head.length + bytes.length);
  signed.set(head);
  signed.set(bytes, head.length);
  if (!(await isSigned(keys, signatures, signed))) throw invalid("No signature of it fits a secret.");

  const timestamp = Number(time);
  if (Math.abs(Date.now() / 1000 - timestamp) > tolerance) {
    throw new VaultError(
      "webhook_expired",
      `It is not of the last ${tolerance} seconds; it may be a replay.`,
    );
  }
  try {
    return { id, timestamp, payload: JSON.parse(new TextDecoder().decode(bytes)) };
  } catch {
    throw invalid("Its body is no JSON.");
  }
}

/** Whether one of the space-separated `v1,Base64` is an HMAC-SHA-256 of it; WebCrypto compares in constant time. */
async function isSigned(
  keys: readonly CryptoKey[],
  signatures: string,
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  // Somebody could have as many checked as fit into a header.
  for (const signature of signatures.split(" ").slice(0, 16)) {
    const mac = signature.startsWith("v1,") ? decode(signature.slice(3)) : undefined;
    if (!mac) continue;
    for (const key of keys) if (await crypto.subtle.verify("HMAC", key, mac, signed)) return true;
  }
  return false;
}

async function importSecret(secret: string): Promise<CryptoKey> {
  const bytes = secret.startsWith("whsec_") ? decode(secret.slice(6)) : undefined;
  // Standard Webhooks: 24 to 64 bytes.
  if (!bytes || bytes.length < 24 || bytes.length > 64) {
    throw new VaultError("options_invalid", "A secret is whsec_ and the Base64 of 24 to 64 bytes.");
  }
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

function decode(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function headerOf(headers: WebhookHeaders, name: string): string {
  const value =
    typeof headers.get === "function" ? headers.get(name) : (headers as Record<string, unknown>)[name];
  return typeof value === "string" ? value : "";
}

function invalid(message: string): VaultError {
  return new VaultError("webhook_invalid", message);
}
