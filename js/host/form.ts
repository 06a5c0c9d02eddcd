// One form on the merchant's page: it decides when to load, ask, rebuild and give up. It must never hold a digit.

import { makeId } from "../bridge.js";
import { CardsealError, type Code, refuse } from "../errors.js";
import { FIELDS, type FieldName, type Token } from "../messages.js";
import { DEVELOPMENT } from "../sentences.js";
import { askContext, type Context } from "./context.js";
import { type Coordinator, makeCoordinator } from "./coordinator.js";
import { defer, quiet, within } from "./deferred.js";
import { causeOf, Emitter, type FieldEvents } from "./events.js";
import { type Field, makeField } from "./field.js";
import { PAUSES, type Place, rangesOf } from "./frame.js";
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
 * After these codes the context in hand can make no token: by `not_found`, as its card is gone. One that a lost coordinator
 * may have spent is kept: the vault then says `context_spent` instead of making a second token.
 */
const USED_UP = /^((context|origin|sealed)_|not_found)/;

/** Seconds before a context's end at which the next is asked for. */
const MARGIN = 60;

/** Opens a form, and has everything in hand that the page can do with it. */
export function openForm(settings: Settings) {
  const emitter = new Emitter();
  /** By field: the inputs of a card are in one frame. */
  const fields = new Map<FieldName, Field>();
  const gone = defer<never>();
  const since = performance.now();
  let state: State = { at: "open" };
  let place: Place | undefined;
  let coordinator: Coordinator | undefined;
  let rebuilt = false;
  /** Settles once the coordinator has accepted `context`; absent while the next has to be asked for. */
  let supply: Promise<void> | undefined;
  let context: Context | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let calls = 0;
  /** To get a context, one after the other in vain. */
  let tries = 0;
  let timings: { readonly coordinator?: number; readonly context?: number } = {};
  let told: CardsealError | undefined;

  function mount<Name extends MountName>(
    name: Name,
    target: string | Element,
    options?: MountOptions[Name],
  ): FieldHandle<Name> {
    refuseDestroyed();
    if (name !== "card" && !FIELDS.some((field) => field === name)) throw new CardsealError("field_unknown");
    let wanted = merge({}, options);
    const given = parseFieldOptions(name, wanted);
    const taken = [...fields.keys()];
    for (const field of given.fields) {
      if (taken.some((other) => excludes(field, other))) throw new CardsealError("field_already_mounted");
      taken.push(field);
    }
    const field = makeField(name, parseTarget(target), given, {
      emit: (event, details) => emitter.emit(event, details),
      lost: coordinatorLost,
      advance: () => advance(field),
      timings: () => ({ coordinator: 0, ...timings, field: elapsed() }),
    });
    for (const captured of given.fields) fields.set(captured, field);
    if (place) field.load(place);
    return {
      field: name,
      fields: given.fields,
      on: (event, listener) => field.events.on(event, listener),
      focus: () => field.say("focus"),
      blur: () => field.say("blur"),
      demand: () => field.say("demand"),
      clear: () => field.say("clear"),
      update: (later) => {
        const next = merge(wanted, later);
        field.update(parseFieldOptions(name, next));
        wanted = next;
      },
      unmount: () => {
        for (const captured of given.fields) if (fields.get(captured) === field) fields.delete(captured);
        field.unmount(new CardsealError("field_not_mounted"));
      },
    };
  }

  function on<Name extends keyof FieldEvents>(
    name: Name,
    listener: (event: FieldEvents[Name]) => void,
  ): () => void {
    refuseDestroyed();
    return emitter.on(name, listener);
  }

  async function tokenize(options?: TokenizeOptions): Promise<Token> {
    const signal = parseSignal(options?.signal);
    refuseDestroyed();
    if (state.at === "tokenizing") throw new CardsealError("tokenize_in_progress");
    if (state.at === "lost") throw new CardsealError("coordinator_lost");
    if (fields.size === 0) throw new CardsealError("field_not_mounted");
    if (signal?.aborted) throw new CardsealError("aborted");

    const id = ++calls;
    const stopped = defer<never>();
    const running: State = { at: "tokenizing", stop: stopped.reject };
    state = running;
    const abort = (): void => stopped.reject(new CardsealError("aborted"));
    signal?.addEventListener("abort", abort);
    try {
      return await limited("timeout", Promise.race([attempt(id, running), stopped.promise]));
    } catch (error) {
      coordinator?.abort(id);
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
      if (state === running) state = { at: "open" };
    }
  }

  function update(options: unknown): void {
    refuseDestroyed();
    const given = parseUpdate(options);
    Object.assign(settings, given);
    if (given.locale && place) place.ranges = rangesOf(given.locale);
    for (const field of mounted()) {
      field.dress();
      field.speak();
      if (given.messages) field.retell();
    }
  }

  function destroy(): void {
    if (state.at === "destroyed") return;
    const error = new CardsealError("destroyed");
    state = { at: "destroyed" };
    gone.reject(error);
    removeEventListener("online", retry);
    clearTimeout(timer);
    coordinator?.remove(error);
    for (const field of mounted()) field.remove(error);
    fields.clear();
    emitter.clear();
  }

  /** Every field can be used; one that is unmounted meanwhile does not count. */
  async function attached(): Promise<void> {
    const settled = (field: Field): Promise<void> =>
      field.ready().catch((error: unknown) => {
        if (mounted().has(field)) throw error;
      });
    await Promise.all([...mounted()].map(settled));
  }

  /** One try; a second one where the first cannot have made a token: an expired context, or a frame lost before. */
  async function attempt(id: number, running: State, first = true): Promise<Token> {
    let sent = false;
    try {
      coordinator?.check();
      await retry();
      await attached();
      // The call may have been stopped, and the frame lost, during the waits above.
      if (state !== running || !coordinator) throw new CardsealError("coordinator_lost");
      sent = true;
      const token = await coordinator.tokenize(id);
      discard();
      quiet(supplied());
      return token;
    } catch (thrown) {
      const code = thrown instanceof CardsealError ? thrown.code : "";
      if (sent && USED_UP.test(code)) discard();
      const harmless = code === "context_expired" || (code === "coordinator_lost" && !sent);
      if (first && harmless && state === running) return attempt(id, running, false);
      throw thrown;
    }
  }

  /** Settles once the coordinator holds a context that it has verified; asks for one if need be. */
  function supplied(): Promise<void> {
    if (supply) return supply;
    const asked = ask();
    supply = asked;
    asked.catch((error: CardsealError) => {
      if (supply === asked) {
        discard();
        const again = error.code === "context_unavailable" && state.at !== "destroyed";
        const pause = again && PAUSES[tries++];
        if (pause) timer = setTimeout(supplied, pause);
      }
      missed(error, error.code !== "frame_timeout");
    });
    return asked;
  }

  async function ask(): Promise<void> {
    if (state.at === "lost") throw new CardsealError("coordinator_lost");
    const next = context ?? (await limited("context_unavailable", askContext(settings)));
    refuseDestroyed();
    if (place && place.merchant !== next.merchant)
      refuse(DEVELOPMENT && "The context names another merchant.");
    load(next.merchant);
    // Kept before it is accepted: a coordinator that is lost meanwhile is offered it again.
    context = next;
    const asked = coordinator;
    if (!asked) throw new CardsealError("coordinator_lost");
    await asked.ready();
    const remaining = await limited("timeout", asked.offer(next));
    if (context !== next) return;
    tries = 0;
    timings = { context: elapsed(), ...timings };
    clearTimeout(timer);
    timer = setTimeout(renew, Math.max(remaining - MARGIN, remaining / 2, 10) * 1000);
  }

  function limited<T>(code: Code, promise: Promise<T>): Promise<T> {
    const late = new CardsealError(code);
    return within(settings.timeout, late, Promise.race([promise, gone.promise]));
  }

  /** The context is about to expire. A page that nobody looks at waits until it is needed. */
  function renew(): void {
    if (state.at !== "open") return;
    discard();
    if (!document.hidden) quiet(supplied());
  }

  function discard(): void {
    clearTimeout(timer);
    supply = undefined;
    context = undefined;
  }

  function load(merchant: string): void {
    if (place) return;
    place = { settings, form: makeId(), merchant, ranges: rangesOf(settings.locale), texts: {} };
    coordinate(place);
    for (const field of mounted()) field.load(place);
  }

  function coordinate(of: Place): void {
    const made = makeCoordinator(of, {
      ready: () => {
        timings = { coordinator: elapsed(), ...timings };
        // Where the first try failed, nobody asks any more.
        quiet(supplied());
        for (const field of mounted()) field.attach();
      },
      lost: () => {
        if (coordinator === made) coordinatorLost();
      },
      filled: (names) => {
        const event = { fields: names };
        for (const field of new Set(names.map((name) => fields.get(name))))
          field?.events.emit("autofill", event);
        emitter.emit("autofill", event);
      },
      missed,
    });
    coordinator = made;
  }

  /** The page removed or navigated the coordinator: it is rebuilt once, and the fields hand their values over. */
  function coordinatorLost(): void {
    const lost = coordinator;
    if (!lost || !place || state.at === "destroyed") return;
    const error = new CardsealError("coordinator_lost");
    coordinator = undefined;
    for (const field of mounted()) field.detach();
    const kept = context;
    discard();
    lost.remove(error);
    if (rebuilt) {
      if (state.at === "tokenizing") state.stop(error);
      state = { at: "lost" };
      return;
    }
    rebuilt = true;
    context = kept;
    coordinate(place);
    quiet(supplied());
  }

  function mounted(): Set<Field> {
    return new Set(fields.values());
  }

  /** The focus goes to the next field of the page that can have it. */
  function advance(from: Field): void {
    let next: Field | undefined;
    for (const field of mounted()) {
      if (!field.disabled() && precedes(from, field) && (!next || precedes(field, next))) next = field;
    }
    next?.say("focus");
  }

  /** Milliseconds since createFields(). */
  function elapsed(): number {
    return performance.now() - since;
  }

  /** What did not load may load now. */
  function retry(): Promise<void> {
    for (const frame of [coordinator, ...mounted()]) frame?.retry();
    return supplied();
  }

  function missed(error: CardsealError, arrived: boolean): void {
    // A frame that did not load is told of by itself, and again by whoever waited for it.
    const cause = error === told ? undefined : causeOf(error.code, arrived);
    told = error;
    if (cause) emitter.emit("loaderror", { cause, error });
  }

  function refuseDestroyed(): void {
    if (state.at === "destroyed") throw new CardsealError("destroyed");
  }

  addEventListener("online", retry);
  if (settings.merchant) load(settings.merchant);
  const ready = quiet(Promise.race([supplied().then(attached), gone.promise]));
  return { ready, mount, on, tokenize, update, destroy };
}

/** Whether only one of two can be in a form: a field again, or the expiry beside its month or year. */
function excludes(field: FieldName, other: FieldName): boolean {
  return field === other || /^expiry,(month|year)$/.test([field, other].sort().join());
}

/** Whether one comes before the other in the page: `DOCUMENT_POSITION_FOLLOWING`, and not `…_DISCONNECTED`. */
function precedes(one: Field, other: Field): boolean {
  return (one.element.compareDocumentPosition(other.element) & 5) === 4;
}
