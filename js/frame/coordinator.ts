// The coordinator frame: owns the engine, verifies contexts, seals and tokenizes. No card and no field's text leaves it.

import { accept, type Link, makeId } from "../bridge.js";
import { FIELDS, type FieldName, type FrameMessage, parseCoordinatorMessage } from "../messages.js";
import { Verifier } from "../seal/context.js";
import { Failure } from "../seal/failure.js";
import { postToken, type TokenRequest } from "../seal/tokenize.js";
import { Bins } from "./bins.js";
import { type Core, startCore } from "./core.js";
import { failureOf, fieldsOf } from "./failure.js";
import { Gesture } from "./gesture.js";
import { type CoordinatorPeer, type FieldPeer, isAttached, type Place, placeOf, publish } from "./peers.js";

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
  /** Until a context tells. */
  #year = new Date().getFullYear();
  /** Why the engine was wiped: what was typed is still in the fields, and read again before it is needed. */
  #wiped: "for its token" | "for the page left" | undefined;
  readonly #gesture = new Gesture((fields) => this.#link.send({ v: 1, kind: "autofill", fields }));
  readonly #bins: Bins;

  constructor(core: Core, link: Link<FrameMessage>, merchant: string, embedder: string) {
    this.#core = core;
    this.#bins = new Bins(core, () => this.#refresh("number"));
    this.#link = link;
    this.#merchant = merchant;
    this.#embedder = embedder;
  }

  peer(place: Place, form: string): CoordinatorPeer {
    return {
      place,
      form,
      home: window,
      attach: (field) => {
        this.#fields.add(field);
        this.#mirror();
      },
      detach: (field) => this.#orLost(() => this.#forget(field)),
      edit: (name, text, caret, edit) =>
        this.#orLost(() => {
          this.#pending = undefined;
          this.#restore(name);
          const edited = this.#core.edit(name, text, caret, edit);
          if (name === "number") {
            this.#bins.look();
            this.#refresh("cvc");
          }
          if (name === "month") this.#refresh("year");
          return edited;
        }),
      view: (name) => this.#orLost(() => this.#core.view(name)),
      report: (name, ...told) => this.#orLost(() => this.#core.report(name, ...told)),
      prefer: (network) =>
        this.#orLost(() => {
          if (this.#bins.wants(network)) return;
          this.#pending = undefined;
          this.#restore();
          this.#bins.choose();
          this.#refresh("number");
        }),
      year: () => this.#year,
      fill: (name, text) => {
        for (const field of this.#fields) if (field.name === name && isAttached(field)) field.fill(text);
      },
      filled: (name) => this.#gesture.add(name),
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
      this.#required = required.includes("expiry") ? [...required, "month", "year"] : required;
      // A month lasts until it has ended in the last time zone, as the engine has it.
      this.#year = new Date((issuedAt - 43_200) * 1000).getUTCFullYear();
      // The shopper's clock may be wrong: time is the context's, plus what has passed since it came.
      const now = (): number => Math.floor(issuedAt + age + (performance.now() - arrived) / 1000);
      const remaining = Math.min(expiresAt - now(), 900);
      if (remaining <= 0) throw new Failure("context_expired");
      // What is pending stays: the vault knows whether it made a token, whatever has become of its context.
      this.#context = { text, now };
      this.#bins.choose();
      if (!this.#wiped) for (const name of FIELDS) this.#refresh(name);
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
      await this.#bins.answered;
      if (running.abort.signal.aborted) throw new Failure("aborted");
      this.#pending ??= this.#seal();
      const token = await postToken(this.#pending, running.abort.signal);
      this.#pending = undefined;
      // First of all: a token that was made must reach the page whatever happens here.
      this.#link.send({ v: 1, kind: "token", id, token });
      this.#core.clear();
      this.#wiped = "for its token";
    } catch (thrown) {
      const { code, field } = failureOf(thrown);
      if (!UNKNOWN_OUTCOME.includes(code)) this.#pending = undefined;
      // The vault may know better than the frame, whose month may have ended: the field shows it like its own.
      const refused = field ? undefined : this.#fieldOf(code);
      for (const peer of this.#fields) if (peer.name === refused) peer.demand(code);
      if (code === "coordinator_lost") this.#link.send({ v: 1, kind: "lost" });
      else this.#link.send({ v: 1, kind: "failed", id, code, ...(field && { field }) });
    }
  }

  abort(id: number): void {
    if (this.#running?.id === id) this.#running.abort.abort();
  }

  /** A page that may come back finds again what was typed, but for a card that has become its token. */
  leave(persisted: boolean): void {
    if (persisted && this.#wiped === "for its token") for (const field of this.#fields) field.clear();
    this.#bins.forget();
    this.#core.clear();
    this.#wiped = "for the page left";
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
      const name = this.#fieldOf(code) ?? fieldsOf(code)[0];
      if (!name) throw thrown;
      for (const field of this.#fields) {
        const { empty, complete } = this.#core.view(field.name);
        if (!complete && (!empty || this.#required.includes(field.name))) field.demand();
      }
      throw new Failure(this.#fieldOf(code) ? code : "field_not_mounted", name);
    }
  }

  /** The field in the page that a code is about: of several the first that is not complete, else the last. */
  #fieldOf(code: string): FieldName | undefined {
    const names = [...this.#fields].map((field) => field.name);
    const fitting = fieldsOf(code).filter((name) => names.includes(name));
    return fitting.find((name) => !this.#core.view(name).complete) ?? fitting.at(-1);
  }

  /** Reads the fields again after a wipe, but for the one whose edit is about to come. */
  #restore(edited?: FieldName): void {
    if (!this.#wiped) return;
    this.#wiped = undefined;
    for (const field of this.#fields) {
      if (field.name === edited) continue;
      const text = isAttached(field) ? field.text() : "";
      this.#core.edit(field.name, text, text.length, "replace");
    }
    this.#bins.look();
  }

  #forget(field: FieldPeer): void {
    if (!this.#fields.delete(field)) return;
    this.#mirror();
    this.#pending = undefined;
    if (!this.#wiped) this.#core.edit(field.name, "", 0, "replace");
  }

  /**
   * A card has no postal code, and what a frame has itself needs no mirror there. In the order of a card, whichever frame came
   * first: Chromium takes a year before its month for neither.
   */
  #mirror(): void {
    const fields = [...this.#fields];
    for (const field of fields) {
      const elsewhere = fields.filter(({ home, name }) => home !== field.home && name !== "postal_code");
      const others = FIELDS.filter((name) => elsewhere.some((other) => other.name === name));
      if (isAttached(field)) field.mirror(others);
    }
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
  accept(parseCoordinatorMessage, (link, { form, embedder }) => {
    let coordinator: Coordinator | undefined;
    started.then(
      (core) => {
        const built = new Coordinator(core, link, place.merchant, embedder);
        coordinator = built;
        publish(built.peer(place, form));
        addEventListener("pagehide", ({ persisted }) => built.leave(persisted));
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
