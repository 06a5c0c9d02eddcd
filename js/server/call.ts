// One HTTP call of the vault's API: sent, sent again where that is safe, read. It must never follow a redirect, which could
// take the credentials elsewhere.

import { VaultError, type VaultErrorCode } from "./error.js";

/** How calls reach the vault. */
export interface Route {
  /** The origin of the vault's API listener. */
  readonly api: string;
  /** Milliseconds for one call, with everything that is tried again. */
  readonly timeout: number;
  readonly fetch: typeof fetch;
}

/** What is sent. Each call must be safe to send twice: it reads, deletes, or carries an idempotency key. */
export interface Request {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams;
}

/** Milliseconds before the second try at most; twice as long before each further one. */
const FIRST_WAIT = 200;
/** Answers that say that the same request may be answered otherwise soon. */
const PASSING: readonly number[] = [429, 502, 503, 504];

/**
 * The parsed answer, or `undefined` where it has no body.
 *
 * Network failures, the statuses 429, 502, 503 and 504 and `idempotency_in_flight` are tried again after a wait that grows,
 * or after as long as `Retry-After` says, until `timeout` has passed.
 */
export async function call(route: Route, request: Request): Promise<unknown> {
  const until = performance.now() + route.timeout;
  for (let longest = FIRST_WAIT; ; longest *= 2) {
    const tried = await send(route, request, until);
    if (!(tried instanceof Refusal)) return tried.body;
    // Not all at once where many were refused at once.
    const wait = tried.after ?? longest * (0.5 + Math.random() / 2);
    if (!tried.error.retryable || performance.now() + wait >= until) throw tried.error;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** An answer that is an error, and after how many milliseconds the vault would be asked again. */
class Refusal {
  constructor(
    readonly error: VaultError,
    readonly after?: number,
  ) {}
}

async function send(route: Route, request: Request, until: number): Promise<{ body: unknown } | Refusal> {
  let response: Response;
  let text: string;
  try {
    response = await route.fetch(route.api + request.path, {
      method: request.method,
      headers: request.headers,
      redirect: "error",
      signal: AbortSignal.timeout(Math.max(Math.ceil(until - performance.now()), 1)),
      ...(request.body !== undefined && { body: request.body }),
    });
    text = await response.text();
  } catch (cause) {
    const late = performance.now() >= until;
    return new Refusal(
      late
        ? new VaultError("timeout", `The vault did not answer within ${route.timeout} ms.`, { cause })
        : new VaultError("network_failed", "The vault could not be reached.", { retryable: true, cause }),
    );
  }
  const body = parse(text);
  if (response.ok && (body !== undefined || text === "")) return { body };
  return refusalOf(response, body);
}

function refusalOf({ status, headers }: Response, body: unknown): Refusal {
  const { code, detail } = (body ?? {}) as { readonly code?: unknown; readonly detail?: unknown };
  const named = typeof code === "string" && /^[a-z0-9_]{1,64}$/.test(code);
  const retryable = PASSING.includes(status) || code === "idempotency_in_flight";
  const message = typeof detail === "string" ? detail : `The answer ${status} is none of a vault's.`;
  const error = new VaultError(named ? (code as VaultErrorCode) : "response_malformed", message, {
    status,
    retryable,
  });
  const seconds = headers.get("retry-after") ?? "";
  return new Refusal(error, /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : undefined);
}

function parse(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
}
