// The coordinator frame: owns the engine, verifies contexts, seals and tokenizes. No card and no field's text leaves it.

import { accept, type Greeting, type Link, makeId } from "../bridge.js";
import {
  type CoordinatorMessage,
  FIELDS,
  type FieldName,
  type FrameMessage,
  parseCoordinatorMessage,
} from "../messages.js";
import { Verifier } from "../seal/context.js";
import { Failure } from "../seal/failure.js";
import { postToken, type TokenRequest } from "../seal/tokenize.js";
import { makeBins } from "./bins.js";
import { type Core, startCore } from "./core.js";
import { failureOf, fieldsOf } from "./failure.js";
import { gather } from "./gesture.js";
import { type FieldPeer, isAttached, type Place, placeOf, publish } from "./peers.js";

/** Is the coordinator of one form from now on; gives the function that hears the page. */
function coordinate(
  core: Core,
  verifier: Verifier,
  link: Link<FrameMessage>,
  place: Place,
  { form, embedder }: Greeting,
): (message: CoordinatorMessage) => void {
  const fields = new Set<FieldPeer>();
  let context: { readonly text: string; readonly now: () => number } | undefined;
  /** Sent or about to be, with an unknown outcome; the next call sends the same bytes again. Any edit drops it. */
  let pending: TokenRequest | undefined;
  let running: { readonly id: number; readonly abort: AbortController } | undefined;
  let required: readonly string[] = [];
  /** Until a context tells. */
  let year = new Date().getFullYear();
  /** Why the engine was wiped: what was typed is still in the fields, and read again before it is needed. */
  let wiped: "for its token" | "for the page left" | undefined;
  const filled = gather((names) => link.send({ v: 1, kind: "autofill", fields: names }));
  const bins = makeBins(core, () => refresh("number"));

  async function offer(text: string, age: number): Promise<void> {
    const arrived = performance.now();
    try {
      const payload = await verifier.verify(text);
      const accepted = core.accept(payload, location.origin, place.merchant, embedder);
      const { issuedAt, expiresAt } = accepted;
      required = accepted.required.includes("expiry")
        ? [...accepted.required, "month", "year"]
        : accepted.required;
      // A month lasts until it has ended in the last time zone, as the engine has it.
      year = new Date((issuedAt - 43_200) * 1000).getUTCFullYear();
      // The shopper's clock may be wrong: time is the context's, plus what has passed since it came.
      const now = (): number => Math.floor(issuedAt + age + (performance.now() - arrived) / 1000);
      const remaining = Math.min(expiresAt - now(), 900);
      if (remaining <= 0) throw new Failure("context_expired");
      // What is pending stays: the vault knows whether it made a token, whatever has become of its context.
      context = { text, now };
      bins.choose();
      if (!wiped) for (const name of FIELDS) refresh(name);
      link.send({ v: 1, kind: "accepted", remaining });
    } catch (thrown) {
      const { code } = failureOf(thrown);
      link.send(code === "coordinator_lost" ? { v: 1, kind: "lost" } : { v: 1, kind: "refused", code });
    }
  }

  async function tokenize(id: number): Promise<void> {
    running?.abort.abort();
    const abort = new AbortController();
    running = { id, abort };
    try {
      await bins.answered();
      if (abort.signal.aborted) throw new Failure("aborted");
      pending ??= seal();
      const token = await postToken(pending, abort.signal);
      pending = undefined;
      // First of all: a token that was made must reach the page whatever happens here.
      link.send({ v: 1, kind: "token", id, token });
      core.clear();
      wiped = "for its token";
    } catch (thrown) {
      const { code, field } = failureOf(thrown);
      if (!UNKNOWN_OUTCOME.includes(code)) pending = undefined;
      // The vault may know better than the frame, whose month may have ended: the field shows it like its own.
      const refused = field ? undefined : fieldOf(code);
      for (const peer of fields) if (peer.name === refused) peer.demand(code);
      if (code === "coordinator_lost") link.send({ v: 1, kind: "lost" });
      else link.send({ v: 1, kind: "failed", id, code, ...(field && { field }) });
    }
  }

  function seal(): TokenRequest {
    if (!context) throw new Failure("context_unavailable");
    for (const field of fields) if (!isAttached(field)) forget(field);
    restore();
    try {
      const sealed = core.seal(context.now());
      return { body: JSON.stringify({ context: context.text, sealed_card: sealed }), key: makeId() };
    } catch (thrown) {
      const { code } = failureOf(thrown);
      const name = fieldOf(code) ?? fieldsOf(code)[0];
      if (!name) throw thrown;
      for (const field of fields) {
        const { empty, complete } = core.view(field.name);
        if (!complete && (!empty || required.includes(field.name))) field.demand();
      }
      throw new Failure(fieldOf(code) ? code : "field_not_mounted", name);
    }
  }

  /** The field in the page that a code is about: of several the first that is not complete, else the last. */
  function fieldOf(code: string): FieldName | undefined {
    const names = [...fields].map((field) => field.name);
    const fitting = fieldsOf(code).filter((name) => names.includes(name));
    return fitting.find((name) => !core.view(name).complete) ?? fitting.at(-1);
  }

  /** Reads the fields again after a wipe, but for the one whose edit is about to come. */
  function restore(edited?: FieldName): void {
    if (!wiped) return;
    wiped = undefined;
    for (const field of fields) {
      if (field.name === edited) continue;
      const text = isAttached(field) ? field.text() : "";
      core.edit(field.name, text, text.length, "replace");
    }
    bins.look();
  }

  function forget(field: FieldPeer): void {
    if (!fields.delete(field)) return;
    mirror();
    pending = undefined;
    if (!wiped) core.edit(field.name, "", 0, "replace");
  }

  /**
   * A card has no postal code, and what a frame has itself needs no mirror there. In the order of a card, whichever frame came
   * first: Chromium takes a year before its month for neither.
   */
  function mirror(): void {
    for (const field of fields) {
      const elsewhere = [...fields].filter(({ home, name }) => home !== field.home && name !== "postal_code");
      const others = FIELDS.filter((name) => elsewhere.some((other) => other.name === name));
      if (isAttached(field)) field.mirror(others);
    }
  }

  function refresh(name: FieldName): void {
    for (const field of fields) if (field.name === name && isAttached(field)) field.refresh();
  }

  /** A field called; if the engine breaks, the page hears of it from here as well. */
  function orLost<T>(call: () => T): T {
    try {
      return call();
    } catch (thrown) {
      link.send({ v: 1, kind: "lost" });
      throw thrown;
    }
  }

  publish({
    place,
    form,
    home: window,
    attach: (field) => {
      // The page may know the one number that the engine has by one document: a second would tell more of it.
      for (const other of fields)
        if (other.name === field.name && other !== field && isAttached(other))
          throw new Failure("field_already_mounted");
      fields.add(field);
      mirror();
    },
    detach: (field) => orLost(() => forget(field)),
    edit: (name, text, caret, edit) =>
      orLost(() => {
        pending = undefined;
        restore(name);
        const edited = core.edit(name, text, caret, edit);
        if (name === "number") {
          bins.look();
          refresh("cvc");
        }
        if (name === "month") refresh("year");
        return edited;
      }),
    view: (name) => orLost(() => core.view(name)),
    report: (name, told) => orLost(() => core.report(name, told)),
    prefer: (network) =>
      orLost(() => {
        if (bins.wants(network)) return;
        pending = undefined;
        restore();
        bins.choose();
        refresh("number");
      }),
    year: () => year,
    fill: (name, text) => {
      for (const field of fields) if (field.name === name && isAttached(field)) field.fill(text);
    },
    filled,
  });
  // A page that may come back finds again what was typed, but for a card that has become its token.
  addEventListener("pagehide", ({ persisted }) => {
    if (persisted && wiped === "for its token") for (const field of fields) field.clear();
    bins.forget();
    core.clear();
    wiped = "for the page left";
  });
  link.send({ v: 1, kind: "ready" });
  return (message) => {
    if (message.kind === "context") void offer(message.context, message.age);
    else if (message.kind === "tokenize") void tokenize(message.id);
    else if (message.id === running?.id) running.abort.abort();
  };
}

const UNKNOWN_OUTCOME: readonly string[] = [
  "network_failed",
  "rate_limited",
  "busy",
  "aborted",
  "response_malformed",
];

function start(place: Place): void {
  const started = startCore();
  // Whether it failed is told when the page has connected.
  started.catch(() => {});
  const verifier = new Verifier();
  verifier.prepare();
  accept(parseCoordinatorMessage, (link, greeting) => {
    let hear: ((message: CoordinatorMessage) => void) | undefined;
    started.then(
      (core) => {
        hear = coordinate(core, verifier, link, place, greeting);
      },
      (thrown: unknown) => link.send({ v: 1, kind: "refused", code: failureOf(thrown).code }),
    );
    // The page says nothing before it has heard `ready`.
    return (message) => hear?.(message);
  });
}

const place = placeOf(location.pathname);
if (place) start(place);
