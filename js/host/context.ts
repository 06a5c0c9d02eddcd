// Asks the page for capture contexts. Nothing is trusted here: the coordinator verifies, this only reads where to go.

import { CardsealError } from "../errors.js";
import { membersOf } from "../members.js";
import { parseMerchant, type Settings } from "./options.js";

/** A capture context as the page gave it. */
export interface Context {
  /** The compact JWS. */
  readonly text: string;
  /** Its `sub`, which is part of the frames' URLs. */
  readonly merchant: string;
  /** `performance.now()` when it came: the age is told by this clock, not by the wall's. */
  readonly arrived: number;
}

/** Calls the page's function once. Rejects with `context_unavailable`, `context_malformed` or `context_issuer_mismatch`. */
export async function askContext(settings: Settings): Promise<Context> {
  let answer: unknown;
  try {
    answer = await settings.context();
  } catch (cause) {
    throw new CardsealError("context_unavailable", { cause });
  }
  const arrived = performance.now();
  if (typeof answer !== "string" || answer === "") throw new CardsealError("context_unavailable");
  const claims = readClaims(answer);
  const merchant = parseMerchant(claims.get("sub"));
  if (!merchant) throw new CardsealError("context_malformed");
  if (claims.get("iss") !== settings.vault) throw new CardsealError("context_issuer_mismatch");
  return { text: answer, merchant, arrived };
}

function readClaims(jws: string): Map<string, unknown> {
  try {
    const [, part = ""] = jws.split(".");
    return membersOf(JSON.parse(atob(part.replace(/-/g, "+").replace(/_/g, "/"))));
  } catch {
    throw new CardsealError("context_malformed");
  }
}
