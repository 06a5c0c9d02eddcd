// One mounted field, seen from the page: its frame, what is said to it and heard from it. No value ever comes here.

import type { Brand } from "../brands.js";
import { CardsealError, isInputCode, refuse } from "../errors.js";
import type { Change, FieldName, Wish } from "../messages.js";
import { DEVELOPMENT } from "../sentences.js";
import { causeOf, Emitter, type FieldEvents, type Timings } from "./events.js";
import { type HostedFrame, makeFrame, type Place, sentenceOf } from "./frame.js";
import type { MountName, ParsedFieldOptions } from "./mount.js";
import { isDark, mark } from "./style.js";

const MORE_CONTRAST = "(prefers-contrast: more)";
const EMPTY: Change = { empty: true, complete: false, potentiallyValid: true };

/** What a field tells the form. */
export interface FieldListener {
  /** What happened is told to whoever listens to the form. */
  emit<Name extends keyof FieldEvents>(name: Name, event: FieldEvents[Name]): void;
  /** The field no longer reaches the coordinator. */
  lost(): void;
  /** The next one is to have the focus. */
  advance(): void;
  timings(): Timings;
}

export interface Field extends Pick<HostedFrame, "element" | "ready" | "retry" | "remove"> {
  /** This field's own listeners; the form has others. */
  readonly events: Emitter;
  /** The fields that it has an input for. */
  readonly fields: readonly FieldName[];
  disabled(): boolean;
  /** Has these options from now on, and no other. */
  update(options: ParsedFieldOptions): void;
  load(place: Place): void;
  /** Says what to look like: at each load, and whenever the page's wish or its scheme changes. */
  dress(): void;
  /** Says in which language to speak, and what instead of its texts: at each load, and whenever the page's wish changes. */
  speak(): void;
  /** The errors are told anew: there are other words for them. */
  retell(): void;
  /** Tells the frame that there is a coordinator to be found. */
  attach(): void;
  /** The coordinator is gone: the field is not ready until it has found the next. */
  detach(): void;
  /** Says it now, or as soon as the field is ready. */
  say(kind: Wish): void;
  /** Removes it; what was typed into it is gone, and the page is told. */
  unmount(error: CardsealError): void;
}

export function makeField(
  name: MountName,
  target: Element,
  given: ParsedFieldOptions,
  form: FieldListener,
): Field {
  const events = new Emitter();
  const { fields } = given;
  /** What the page knows of each input. */
  const known = new Map<FieldName, Change>(fields.map((field) => [field, EMPTY]));
  let options = given;
  let place: Place | undefined;
  /** Its label in the cardholder's language. */
  let title: string | undefined;
  let brand: Brand | undefined;
  let choice: string | undefined;
  let attached = false;
  /** It was told that there is a coordinator, and has not answered yet. */
  let asked = false;
  const waiting: { readonly kind: Wish; readonly active: Element | null }[] = [];

  const frame = makeFrame({
    hears: {
      ready: () => {
        if (attached) return;
        attached = true;
        asked = false;
        frame.succeed();
        emit("ready", { field: name, timings: form.timings() });
        for (const { kind, active } of waiting.splice(0)) {
          // The cardholder may be somewhere else by now.
          if (kind !== "focus" || document.activeElement === active) say(kind);
        }
      },
      texts: ({ texts }) => {
        title = texts[`${name}_label`];
        entitle();
        retell();
      },
      change: ({ v: _, kind: __, field, ...change }) => tell(field, change),
      size: ({ rows, lines }) => {
        element.style.height = heightOf(rows, lines);
      },
      focus: ({ field }) => {
        mark(target, { focused: true });
        emit("focus", { field });
      },
      blur: ({ field }) => {
        mark(target, { focused: false });
        emit("blur", { field });
      },
      enter: ({ field }) => emit("enter", { field }),
      escape: ({ field }) => emit("escape", { field }),
      covered: ({ covered }) => emit("covered", { field: name, covered }),
      advance: form.advance,
      // Its input got no focus: the iframe has it until the next key.
      unfocused: () => element.focus(),
      lost: () => {
        // A field that is not attached cannot lose the coordinator; asked for it, it finds none, or two. Unasked, it speaks
        // of one that is being replaced already.
        if (attached) form.lost();
        else if (asked) frame.fail(new CardsealError("coordinator_lost"));
      },
    },
    loaded,
    again: () => send({ v: 1, kind: "attach" }),
    reloaded: () => {
      detach();
      empty();
    },
    missed: (error, arrived) => {
      const cause = causeOf(error.code, arrived);
      if (cause) emit("loaderror", { field: name, cause, error });
    },
  });
  const { element, gone, send } = frame;

  function emit<Name extends keyof FieldEvents>(name: Name, event: FieldEvents[Name]): void {
    events.emit(name, event);
    form.emit(name, event);
  }

  function loaded(): void {
    send({ v: 1, kind: "set", ...options.settings });
    speak();
    dress();
  }

  function dress(): void {
    if (!place) return;
    const { theme, style } = place.settings;
    // Where the scheme of a frame is not that of its element, browsers paint the frame's ground.
    element.style.colorScheme = theme === "light" || theme === "dark" ? theme : "inherit";
    const contrast = theme === "contrast" || (theme === "auto" && matchMedia(MORE_CONTRAST).matches);
    send({ v: 1, kind: "look", dark: isDark(target, theme), contrast, style: [...style, ...options.style] });
  }

  function speak(): void {
    if (!place) return;
    const { ranges, settings } = place;
    send({ v: 1, kind: "speak", ranges, messages: { ...settings.messages, ...options.texts } });
  }

  function retell(): void {
    for (const [field, change] of known) if (change.error) tell(field, change);
  }

  function detach(): void {
    if (attached) frame.reset();
    attached = false;
  }

  function say(kind: Wish): void {
    if (!attached) {
      waiting.push({ kind, active: document.activeElement });
      return;
    }
    // The window has to have the focus before an element in it can. From one frame to the next the frames themselves
    // hand it on: where the page does so too, the browser now and then loses it.
    const { activeElement } = element.getRootNode() as Document | ShadowRoot;
    if (kind === "focus" && activeElement?.tagName !== "IFRAME") element.focus();
    send({ v: 1, kind });
  }

  /** The frame's name is that of its field. */
  function entitle(): void {
    element.title = options.texts[`${name}_label`] || title || "Cardseal";
  }

  function empty(): void {
    for (const field of fields) tell(field, EMPTY);
  }

  function tell(field: FieldName, change: Change): void {
    const { error, networks, network, ...seen } = change;
    known.set(field, change);
    const all = [...known.values()];
    const card = { empty: all.every((of) => of.empty), complete: all.every((of) => of.complete) };
    mark(target, { ...card, invalid: all.some((of) => of.error !== undefined) });
    emit("change", {
      field,
      ...seen,
      ...(isInputCode(error) && { error: { code: error, message: sentenceOf(error, place) } }),
      ...(name === "card" && { card }),
    });
    if (field !== "number") return;
    if (seen.brand !== brand) {
      brand = seen.brand;
      emit("brand", { field, ...(brand && { brand }) });
    }
    const chosen = networks && `${networks} ${network}`;
    if (chosen !== choice) {
      choice = chosen;
      emit("networks", { field, networks: networks ?? [], ...(network && { network }) });
    }
  }

  function remove(error: CardsealError): void {
    frame.remove(error);
    mark(target, { empty: false, complete: false, invalid: false, focused: false });
    events.clear();
  }

  // Labels may come and go: those of the page's are looked at when they are clicked.
  target.getRootNode().addEventListener(
    "click",
    /** A label of the page's does for this field what it does for an input. */
    ({ target: clicked, defaultPrevented }) => {
      if (defaultPrevented || !(clicked instanceof Element)) return;
      const near = clicked.closest("a,button,input,select,textarea,label");
      const ours =
        near instanceof HTMLLabelElement &&
        (near.htmlFor ? near.htmlFor === target.id : near.contains(target));
      const { labelledBy } = options;
      if (ours || (labelledBy?.contains(clicked) && (!near || near === labelledBy))) say("focus");
    },
    { signal: gone },
  );
  entitle();

  return {
    ...frame,
    events,
    fields,
    disabled: () => options.settings.disabled === true,
    update: (next) => {
      if (`${next.address}` !== `${options.address}`)
        refuse(DEVELOPMENT && "`inputs` and `control` stay as they were mounted.");
      options = next;
      loaded();
      entitle();
    },
    load: (at) => {
      place = at;
      const { style } = element;
      // The page's scheme reaches the frame by no event but this: a colour that depends on it, and takes time to change.
      style.color = "light-dark(#000, #fff)";
      style.setProperty("transition", "color 1ms", "important");
      element.addEventListener("transitionrun", dress, { signal: gone });
      matchMedia(MORE_CONTRAST).addEventListener("change", dress, { signal: gone });
      const dark = isDark(target, place.settings.theme);
      dress();
      const hash = [...(dark ? ["dark"] : []), ...options.address].join();
      frame.show(target, name, heightOf(1, 1), place, hash);
      mark(target, { empty: true });
    },
    dress,
    speak,
    retell,
    attach: () => {
      asked = true;
      send({ v: 1, kind: "attach" });
    },
    detach,
    say,
    unmount: (error) => {
      empty();
      remove(error);
    },
    remove,
  };
}

/** Rows of inputs and the lines of error below them, as a multiple of the cardholder's font size. */
function heightOf(rows: number, lines: number): string {
  return `${0.125 + 4 * rows + 1.375 * lines}em`;
}
