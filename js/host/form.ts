// One form on the merchant's page: it decides when to load, ask, rebuild and give up. It must never hold a digit.

import { makeId } from "../bridge.js";
import { CardsealError, type Code } from "../errors.js";
import { FIELDS, type FieldName, type Token } from "../messages.js";
import { DEVELOPMENT } from "../sentences.js";
import { askContext, type Context } from "./context.js";
import { Coordinator } from "./coordinator.js";
import { Deferred, within } from "./deferred.js";
import { causeOf, Emitter, type FieldEvents } from "./events.js";
import { Field } from "./field.js";
import { type Place, rangesOf } from "./frame.js";
import type { FieldHandle } from "./handle.js";
import { type MountName, type MountOptions, merge, parseFieldOptions } from "./mount.js";
import { parseSignal, parseTarget, parseUpdate, type Settings, type TokenizeOptions } from "./options.js";

/** Where a form stands. */
type State =
  | { readonly at: "open" }
  | { readonly at: "tokenizing"; readonly stop: (error: CardsealError) => void }
  | { readonly at: "lost" }
  | { readonly at: "destroyed" };

/**
 * After these codes the context in hand can make no token. One that a lost coordinator may have spent is kept: the vault
 * then says `context_spent` instead of making a second token.
 */
const USED_UP = /^(context|origin|sealed)_/;

/** Seconds before a context's end at which the next is asked for. */
const MARGIN = 60;

export class Form {
  readonly ready: Promise<void>;
  readonly #settings: Settings;
  readonly #emitter = new Emitter();
  /** By field: the inputs of a card are in one frame. */
  readonly #fields = new Map<FieldName, Field>();
  readonly #gone = new Deferred<never>();
  #state: State = { at: "open" };
  #place: Place | undefined;
  #coordinator: Coordinator | undefined;
  #rebuilt = false;
  /** Settles once the coordinator has accepted `#context`; absent while the next has to be asked for. */
  #supply: Promise<void> | undefined;
  #context: Context | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #calls = 0;
  readonly #since = performance.now();
  #timings: { readonly coordinator?: number; readonly context?: number } = {};
  #told: CardsealError | undefined;
  readonly #online = (): void => this.#retry();

  constructor(settings: Settings) {
    this.#settings = settings;
    addEventListener("online", this.#online);
    if (settings.merchant) this.#load(settings.merchant);
    this.ready = Promise.race([this.#start(), this.#gone.promise]);
    this.ready.catch(() => {});
  }

  mount<Name extends MountName>(
    name: Name,
    target: string | Element,
    options?: MountOptions[Name],
  ): FieldHandle<Name> {
    this.#refuseDestroyed();
    if (name !== "card" && !FIELDS.some((field) => field === name)) throw new CardsealError("field_unknown");
    let wanted = merge({}, options);
    const given = parseFieldOptions(name, wanted);
    const taken = [...this.#fields.keys()];
    for (const field of given.fields) {
      if (taken.some((other) => excludes(field, other))) throw new CardsealError("field_already_mounted");
      taken.push(field);
    }
    const place = parseTarget(target);
    const field: Field = new Field(
      name,
      place,
      this.#emitter,
      () => this.#coordinatorLost(),
      () => this.#advance(field),
      () => ({ coordinator: 0, ...this.#timings, field: this.#elapsed() }),
      given,
    );
    field.update(given);
    for (const captured of field.fields) this.#fields.set(captured, field);
    if (this.#place) field.load(this.#place);
    return {
      field: name,
      on: (event, listener) => field.events.on(event, listener),
      focus: () => field.say("focus"),
      blur: () => field.say("blur"),
      clear: () => field.say("clear"),
      update: (later) => {
        const next = merge(wanted, later);
        field.update(parseFieldOptions(name, next));
        wanted = next;
      },
      unmount: () => {
        for (const captured of field.fields)
          if (this.#fields.get(captured) === field) this.#fields.delete(captured);
        field.unmount(new CardsealError("field_not_mounted"));
      },
    };
  }

  on<Name extends keyof FieldEvents>(name: Name, listener: (event: FieldEvents[Name]) => void): () => void {
    this.#refuseDestroyed();
    return this.#emitter.on(name, listener);
  }

  async tokenize(options?: TokenizeOptions): Promise<Token> {
    const signal = parseSignal(options?.signal);
    this.#refuseDestroyed();
    if (this.#state.at === "tokenizing") throw new CardsealError("tokenize_in_progress");
    if (this.#state.at === "lost") throw new CardsealError("coordinator_lost");
    if (this.#fields.size === 0) throw new CardsealError("field_not_mounted");
    if (signal?.aborted) throw new CardsealError("aborted");

    const id = ++this.#calls;
    const stopped = new Deferred<never>();
    const state: State = { at: "tokenizing", stop: stopped.reject };
    this.#state = state;
    const abort = (): void => stopped.reject(new CardsealError("aborted"));
    const timer = setTimeout(() => stopped.reject(new CardsealError("timeout")), this.#settings.timeout);
    signal?.addEventListener("abort", abort);
    try {
      return await Promise.race([this.#attempt(id, state), stopped.promise]);
    } catch (error) {
      this.#coordinator?.abort(id);
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      if (this.#state === state) this.#state = { at: "open" };
    }
  }

  update(options: unknown): void {
    this.#refuseDestroyed();
    const given = parseUpdate(options);
    Object.assign(this.#settings, given);
    if (given.locale && this.#place) this.#place.ranges = rangesOf(given.locale);
    for (const field of this.#mounted) {
      field.dress();
      field.speak();
      if (given.messages) field.retell();
    }
  }

  destroy(): void {
    if (this.#state.at === "destroyed") return;
    const error = new CardsealError("destroyed");
    const before = this.#state;
    this.#state = { at: "destroyed" };
    if (before.at === "tokenizing") before.stop(error);
    this.#gone.reject(error);
    removeEventListener("online", this.#online);
    clearTimeout(this.#timer);
    this.#coordinator?.remove(error);
    for (const field of this.#mounted) field.remove(error);
    this.#fields.clear();
    this.#emitter.clear();
  }

  async #start(): Promise<void> {
    await this.#supplied();
    await this.#attached();
  }

  /** Every field can be used; one that is unmounted meanwhile does not count. */
  async #attached(): Promise<void> {
    const settled = async (field: Field): Promise<void> => {
      await field.ready.catch((error: unknown) => {
        if (this.#mounted.has(field)) throw error;
      });
    };
    await Promise.all([...this.#mounted].map(settled));
  }

  /** One try; a second one where the first cannot have made a token: an expired context, or a frame lost before. */
  async #attempt(id: number, state: State, first = true): Promise<Token> {
    let sent = false;
    try {
      this.#coordinator?.check();
      this.#retry();
      await this.#supplied();
      await this.#attached();
      const coordinator = this.#coordinator;
      // The call may have been stopped, and the frame lost, during the waits above.
      if (this.#state !== state || !coordinator) throw new CardsealError("coordinator_lost");
      sent = true;
      const token = await coordinator.tokenize(id);
      this.#discard();
      this.#supplied().catch(() => {});
      return token;
    } catch (thrown) {
      const code = thrown instanceof CardsealError ? thrown.code : "";
      if (sent && USED_UP.test(code)) this.#discard();
      const harmless = code === "context_expired" || (code === "coordinator_lost" && !sent);
      if (first && harmless && this.#state === state) return this.#attempt(id, state, false);
      throw thrown;
    }
  }

  /** Settles once the coordinator holds a context that it has verified; asks for one if need be. */
  #supplied(): Promise<void> {
    if (this.#supply) return this.#supply;
    const supply = this.#ask();
    this.#supply = supply;
    supply.catch((error: CardsealError) => {
      if (this.#supply === supply) this.#discard();
      this.#missed(error, true);
    });
    return supply;
  }

  async #ask(): Promise<void> {
    const context = this.#context ?? (await this.#within("context_unavailable", askContext(this.#settings)));
    this.#refuseDestroyed();
    if (this.#place && this.#place.merchant !== context.merchant) {
      throw new CardsealError("options_invalid", {
        message: DEVELOPMENT && "The context names another merchant.",
      });
    }
    this.#load(context.merchant);
    // Kept before it is accepted: a coordinator that is lost meanwhile is offered it again.
    this.#context = context;
    const coordinator = this.#coordinator;
    if (!coordinator) throw new CardsealError("coordinator_lost");
    await coordinator.ready;
    const remaining = await this.#within("timeout", coordinator.offer(context));
    if (this.#context !== context) return;
    this.#timings = { context: this.#elapsed(), ...this.#timings };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#renew(), Math.max(remaining - MARGIN, remaining / 2, 10) * 1000);
  }

  #within<T>(code: Code, promise: Promise<T>): Promise<T> {
    const late = new CardsealError(code);
    return within(this.#settings.timeout, late, Promise.race([promise, this.#gone.promise]));
  }

  /** The context is about to expire. A page that nobody looks at waits until it is needed. */
  #renew(): void {
    if (this.#state.at !== "open") return;
    this.#discard();
    if (!document.hidden) this.#supplied().catch(() => {});
  }

  #discard(): void {
    clearTimeout(this.#timer);
    this.#supply = undefined;
    this.#context = undefined;
  }

  #load(merchant: string): void {
    if (this.#place) return;
    const settings = this.#settings;
    this.#place = { settings, form: makeId(), merchant, ranges: rangesOf(settings.locale), texts: {} };
    this.#coordinator = this.#makeCoordinator(this.#place);
    for (const field of this.#mounted) field.load(this.#place);
  }

  #makeCoordinator(place: Place): Coordinator {
    const coordinator: Coordinator = new Coordinator(place, {
      ready: () => {
        this.#timings = { coordinator: this.#elapsed(), ...this.#timings };
        // Where the first try failed, nobody asks any more.
        this.#supplied().catch(() => {});
        for (const field of this.#mounted) field.attach();
      },
      lost: () => {
        if (this.#coordinator === coordinator) this.#coordinatorLost();
      },
      filled: (fields) => {
        for (const field of new Set(fields.map((name) => this.#fields.get(name))))
          field?.events.emit("autofill", { fields });
        this.#emitter.emit("autofill", { fields });
      },
      missed: (error, arrived) => this.#missed(error, arrived),
    });
    return coordinator;
  }

  /** The page removed or navigated the coordinator: it is rebuilt once, and the fields hand their values over. */
  #coordinatorLost(): void {
    const lost = this.#coordinator;
    if (!lost || !this.#place || this.#state.at === "destroyed") return;
    const error = new CardsealError("coordinator_lost");
    this.#coordinator = undefined;
    for (const field of this.#mounted) field.detach();
    const context = this.#context;
    this.#discard();
    lost.remove(error);
    if (this.#rebuilt) {
      if (this.#state.at === "tokenizing") this.#state.stop(error);
      this.#state = { at: "lost" };
      return;
    }
    this.#rebuilt = true;
    this.#context = context;
    this.#coordinator = this.#makeCoordinator(this.#place);
    this.#supplied().catch(() => {});
  }

  get #mounted(): Set<Field> {
    return new Set(this.#fields.values());
  }

  /** The focus goes to the next field of the page that can have it. */
  #advance(from: Field): void {
    let next: Field | undefined;
    for (const field of this.#mounted) {
      if (!field.disabled && from.precedes(field) && (!next || field.precedes(next))) next = field;
    }
    next?.say("focus");
  }

  /** Milliseconds since createFields(). */
  #elapsed(): number {
    return performance.now() - this.#since;
  }

  /** What did not load may load now. */
  #retry(): void {
    for (const frame of [this.#coordinator, ...this.#mounted]) frame?.retry();
  }

  #missed(error: CardsealError, arrived: boolean): void {
    // A frame that did not load is told of by itself, and again by whoever waited for it.
    const cause = error === this.#told ? undefined : causeOf(error.code, arrived);
    this.#told = error;
    if (cause) this.#emitter.emit("loaderror", { cause, error });
  }

  #refuseDestroyed(): void {
    if (this.#state.at === "destroyed") throw new CardsealError("destroyed");
  }
}

/** Whether only one of two can be in a form: a field again, or the expiry beside its month or year. */
function excludes(field: FieldName, other: FieldName): boolean {
  return field === other || /^expiry,(month|year)$/.test([field, other].sort().join());
}
