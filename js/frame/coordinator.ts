// The coordinator frame: owns the engine, verifies contexts, seals and tokenizes. No card and no field's text leaves it.

import { accept, type Link, makeId } from "../bridge.js";
import { FIELDS, type FieldName, type FrameMessage, parseCoordinatorMessage } from "../messages.js";
import { Verifier } from "./context.js";
import { type Core, startCore } from "./core.js";
import { Failure } from "./failure.js";
import { type CoordinatorPeer, type FieldPeer, isAttached, type Place, placeOf, publish } from "./peers.js";
import { postToken, type TokenRequest } from "./tokenize.js";

class Coordinator {
  readonly #core: Core;
  readonly #link: Link<FrameMessage>;
  readonly #merchant: string;
  readonly #embedder: string;
  readonly #fields = new Set<FieldPeer>();
  #context: { readonly text: string; readonly now: () => number } | undefined;
  /** Sent or about to be, with an unknown outcome; the next call sends the same bytes again. Any edit drops it. */
  #pending: TokenRequest | undefined;
  #running: { readonly id: number; readonly abort: AbortController } | undefined;
  #required: readonly string[] = [];
  /** The engine was wiped after a token: what was typed is still in the fields, and read again before it is needed. */
  #wiped = false;

  constructor(core: Core, link: Link<FrameMessage>, merchant: string, embedder: string) {
    this.#core = core;
    this.#link = link;
    this.#merchant = merchant;
    this.#embedder = embedder;
  }

  peer(place: Place, form: string): CoordinatorPeer {
    return {
      place,
      form,
      home: window,
      attach: (field) => void this.#fields.add(field),
      detach: (field) => this.#orLost(() => this.#forget(field)),
      edit: (name, text, caret, edit) =>
        this.#orLost(() => {
          this.#pending = undefined;
          this.#restore(name);
          const edited = this.#core.edit(name, text, caret, edit);
          if (name === "number") this.#refresh("cvc");
          return edited;
        }),
      view: (name) => this.#orLost(() => this.#core.view(name)),
      report: (name, ...told) => this.#orLost(() => this.#core.report(name, ...told)),
    };
  }

  async offer(verifier: Verifier, text: string, age: number): Promise<void> {
    const arrived = performance.now();
    try {
      const payload = await verifier.verify(text);
      const { issuedAt, expiresAt, required } = this.#core.accept(
        payload,
        location.origin,
        this.#merchant,
        this.#embedder,
      );
      this.#required = required;
      // The shopper's clock may be wrong: time is the context's, plus what has passed since it came.
      const now = (): number => Math.floor(issuedAt + age + (performance.now() - arrived) / 1000);
      // What is pending stays: the vault knows whether it made a token, whatever has become of its context.
      this.#context = { text, now };
      if (!this.#wiped) for (const name of FIELDS) this.#refresh(name);
      const remaining = Math.min(Math.max(expiresAt - now(), 0), 900);
      this.#link.send({ v: 1, kind: "accepted", remaining });
    } catch (thrown) {
      const { code } = failureOf(thrown);
      this.#link.send(code === "coordinator_lost" ? { v: 1, kind: "lost" } : { v: 1, kind: "refused", code });
    }
  }

  async tokenize(id: number): Promise<void> {
    this.#running?.abort.abort();
    const running = { id, abort: new AbortController() };
    this.#running = running;
    try {
      this.#pending ??= this.#seal();
      const token = await postToken(this.#pending, running.abort.signal);
      this.#pending = undefined;
      // First of all: a token that was made must reach the page whatever happens here.
      this.#link.send({ v: 1, kind: "token", id, token });
      this.#core.clear();
      this.#wiped = true;
    } catch (thrown) {
      const { code, field } = failureOf(thrown);
      if (!UNKNOWN_OUTCOME.includes(code)) this.#pending = undefined;
      // The vault may know better than the frame, whose month may have ended: the field shows it like its own.
      for (const peer of this.#fields) if (!field && peer.name === fieldOf(code)) peer.demand(code);
      if (code === "coordinator_lost") this.#link.send({ v: 1, kind: "lost" });
      else this.#link.send({ v: 1, kind: "failed", id, code, ...(field && { field }) });
    }
  }

  abort(id: number): void {
    if (this.#running?.id === id) this.#running.abort.abort();
  }

  clear(): void {
    this.#core.clear();
  }

  #seal(): TokenRequest {
    if (!this.#context) throw new Failure("context_unavailable");
    for (const field of this.#fields) if (!isAttached(field)) this.#forget(field);
    this.#restore();
    const { text, now } = this.#context;
    try {
      return { body: JSON.stringify({ context: text, sealed_card: this.#core.seal(now()) }), key: makeId() };
    } catch (thrown) {
      const { code } = failureOf(thrown);
      const name = fieldOf(code);
      if (!name) throw thrown;
      for (const field of this.#fields) {
        const { empty, complete } = this.#core.view(field.name);
        if (!complete && (!empty || this.#required.includes(field.name))) field.demand();
      }
      const mounted = [...this.#fields].some((field) => field.name === name);
      throw new Failure(mounted ? code : "field_not_mounted", name);
    }
  }

  /** Reads the fields again after a wipe, but for the one whose edit is about to come. */
  #restore(edited?: FieldName): void {
    if (!this.#wiped) return;
    this.#wiped = false;
    for (const field of this.#fields) {
      if (field.name === edited) continue;
      const text = isAttached(field) ? field.text() : "";
      this.#core.edit(field.name, text, text.length, "replace");
    }
  }

  #forget(field: FieldPeer): void {
    if (!this.#fields.delete(field)) return;
    this.#pending = undefined;
    if (!this.#wiped) this.#core.edit(field.name, "", 0, "replace");
  }

  #refresh(name: FieldName): void {
    for (const field of this.#fields) if (field.name === name && isAttached(field)) field.refresh();
  }

  /** A field called; if the engine breaks, the page hears of it from here as well. */
  #orLost<T>(call: () => T): T {
    try {
      return call();
    } catch (thrown) {
      this.#link.send({ v: 1, kind: "lost" });
      throw thrown;
    }
  }
}

const PREFIXES: Readonly<Record<FieldName, RegExp>> = {
  number: /^(card_n|brand)/,
  expiry: /^exp/,
  cvc: /^cvc/,
  name: /^name/,
  postal_code: /^postal/,
};

function fieldOf(code: string): FieldName | undefined {
  return FIELDS.find((field) => PREFIXES[field].test(code));
}

const UNKNOWN_OUTCOME: readonly string[] = [
  "network_failed",
  "rate_limited",
  "busy",
  "aborted",
  "response_malformed",
];

function failureOf(thrown: unknown): Failure {
  return thrown instanceof Failure ? thrown : new Failure("coordinator_lost");
}

function start(place: Place): void {
  const started = startCore();
  // Whether it failed is told when the page has connected.
  started.catch(() => {});
  const verifier = new Verifier();
  verifier.prepare();
  accept(parseCoordinatorMessage, (link, { form, embedder }) => {
    let coordinator: Coordinator | undefined;
    started.then(
      (core) => {
        const built = new Coordinator(core, link, place.merchant, embedder);
        coordinator = built;
        publish(built.peer(place, form));
        addEventListener("pagehide", () => built.clear());
        link.send({ v: 1, kind: "ready" });
      },
      (thrown: unknown) => link.send({ v: 1, kind: "refused", code: failureOf(thrown).code }),
    );
    // The page says nothing before it has heard `ready`.
    return (message) => {
      if (message.kind === "context") void coordinator?.offer(verifier, message.context, message.age);
      if (message.kind === "tokenize") void coordinator?.tokenize(message.id);
      if (message.kind === "abort") coordinator?.abort(message.id);
    };
  });
}

const place = placeOf(location.pathname);
if (place) start(place);
