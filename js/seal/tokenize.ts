// Sends a sealed card to the vault. Every try carries the same bytes under the same key, so that a retry never makes two tokens.

import { type Code, REJECTED } from "../errors.js";
import { membersOf } from "../members.js";
import { parseToken, type Token } from "../messages.js";
import { Failure } from "./failure.js";

/** One request, kept until its outcome is known. */
export interface TokenRequest {
  /** The JSON body. */
  readonly body: string;
  /** The Idempotency-Key. */
  readonly key: string;
}

/** What the world does for a request; a test brings its own. */
export interface World {
  fetch(address: string, request: RequestInit): Promise<Response>;
  /** Waits for some milliseconds, or rejects when the signal aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** From 0 to 1. */
  random(): number;
}

/**
 * The token, or a Failure. Network failure, 429 and 503 are tried again, up to 4 tries in all, after 0.5, 1 and 2 s less a
 * random part, or after what `Retry-After` asks for. The signal ends it with `aborted`.
 */
export async function postToken(
  request: TokenRequest,
  signal: AbortSignal,
  world: World = WORLD,
): Promise<Token> {
  for (let tries = 1; ; tries++) {
    const [outcome, retryAfter] = await post(request, signal, world);
    if (!(outcome instanceof Failure)) return outcome;
    const pause = retryAfter ?? BACKOFF * 2 ** (tries - 1) * (1 - world.random() / 2);
    if (!RETRIED.includes(outcome.code) || tries === TRIES || pause > MAX_PAUSE) throw outcome;
    await world.wait(pause, signal).catch(() => {
      throw new Failure("aborted");
    });
  }
}

async function post(
  { body, key }: TokenRequest,
  signal: AbortSignal,
  world: World,
): Promise<readonly [outcome: Token | Failure, retryAfter?: number | undefined]> {
  const once = AbortSignal.any([signal, AbortSignal.timeout(TRY_TIMEOUT)]);
  let response: Response;
  let text: string;
  try {
    response = await world.fetch("/v1/tokens", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": key },
      body,
      signal: once,
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
    });
    text = await response.text();
  } catch {
    return [new Failure(signal.aborted ? "aborted" : "network_failed")];
  }
  const answer = parseJson(text);
  if (response.ok) return [parseAnswer(answer) ?? new Failure("response_malformed")];
  const code = BY_STATUS[response.status] ?? parseProblem(answer, response) ?? "response_malformed";
  return [new Failure(code), parseRetryAfter(response.headers.get("Retry-After"))];
}

/** RFC 9457; a code that is not among those this call answers with is as good as none. */
function parseProblem(answer: Map<string, unknown>, response: Response): Code | undefined {
  if (!response.headers.get("Content-Type")?.startsWith("application/problem+json")) return undefined;
  return ANSWERS.find((code) => code === answer.get("code"));
}

/** The members that this release reads; a later vault may send more. */
function parseAnswer(answer: Map<string, unknown>): Token | undefined {
  if (answer.get("object") !== "token") return undefined;
  return parseToken({ id: answer.get("id"), brand: answer.get("brand"), last4: answer.get("last4") });
}

function parseJson(text: string): Map<string, unknown> {
  try {
    return membersOf(JSON.parse(text));
  } catch {
    return new Map();
  }
}

/** Milliseconds. Only the form in seconds: a date would be told by the shopper's clock, which may be wrong. */
function parseRetryAfter(value: string | null): number | undefined {
  return value && /^\d{1,5}$/.test(value) ? Number(value) * 1000 : undefined;
}

/** The world as it is. */
export const WORLD: World = {
  fetch: (address, request) => fetch(address, request),
  wait: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", stop);
        resolve();
      }, milliseconds);
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
    }),
  random: () => Math.random(),
};

const TRIES = 4;
/** Milliseconds. */
const BACKOFF = 500;
const MAX_PAUSE = 10_000;
const TRY_TIMEOUT = 10_000;

const BY_STATUS: Readonly<Record<number, Code>> = { 429: "rate_limited", 503: "busy" };
const RETRIED: readonly Code[] = ["network_failed", "rate_limited", "busy"];

/** What POST /v1/tokens answers with, other than 429 and 503. */
export const ANSWERS: readonly Code[] = [
  "card_number_incomplete",
  "card_number_invalid",
  "brand_not_accepted",
  "card_not_accepted",
  "expiry_invalid",
  "expiry_past",
  "expiry_too_far",
  "cvc_incomplete",
  "cvc_invalid",
  "name_invalid",
  "postal_code_invalid",
  "network_invalid",
  "context_malformed",
  "context_forged",
  "context_issuer_mismatch",
  "context_exhausted",
  "context_expired",
  "context_spent",
  "origin_not_allowed",
  ...REJECTED,
];
