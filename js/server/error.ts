// The one error of the backend's part. It must never hold a credential or a value that was sent.

import type { BackendCode, Code } from "../errors.js";

/** A code of the vault's answers (docs/errors.md), or one of what went wrong before there was an answer. */
export type VaultErrorCode = Code | BackendCode | "webhook_invalid" | "webhook_expired";

/** The only error that this part throws or rejects with. Decide by `code`, log `message`. */
export class VaultError extends Error {
  override readonly name = "VaultError";
  /** A stable lower_snake name; one that this release does not know yet may come from a newer vault. */
  readonly code: VaultErrorCode;
  /** The HTTP status, where the vault answered. */
  readonly status: number | undefined;
  /** Whether the same call may succeed when it is made again unchanged. What could be retried in time has been. */
  readonly retryable: boolean;

  constructor(
    code: VaultErrorCode,
    message: string,
    details: { readonly status?: number; readonly retryable?: boolean; readonly cause?: unknown } = {},
  ) {
    super(`${code}: ${message}`, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.status = details.status;
    this.retryable = details.retryable ?? false;
  }
}
