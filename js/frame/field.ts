// A field: hands what is typed to the coordinator beside its frame, shows what comes back, and tells the page no digit of it.

import type { Link } from "../bridge.js";
import type { Code } from "../errors.js";
import type { Change, FieldName, FieldSettings, FrameMessage } from "../messages.js";
import { mirror } from "./autofill.js";
import { makeChoice } from "./choice.js";
import type { Edit, Report } from "./core.js";
import { History, stepOf } from "./history.js";
import type { Input } from "./input.js";
import {
  type CoordinatorPeer,
  type FieldPeer,
  findCoordinator,
  isAttached,
  type Place,
  publish,
} from "./peers.js";
import { focusByKey } from "./touch.js";

const UNTOUCHED: Report = { empty: true, complete: false, potentiallyValid: true, told: [] };

export interface Field {
  change(): Change;
  set(settings: FieldSettings): void;
  focus(): void;
  blur(): void;
  clear(): void;
  /** Shows what it lacks; a name and a postal code may be empty. */
  demand(): void;
  /** Hands over what it holds to the form's coordinator; whether there is one. */
  attach(): boolean;
}

/** Makes a field of these elements; `next` is called when the one after it is to have the focus. */
export function makeField(
  place: Place,
  form: string,
  input: Input,
  link: Link<FrameMessage>,
  next: () => void,
): Field {
  const { element, field: name } = input;
  const history = new History();
  let coordinator: CoordinatorPeer | undefined;
  let view = UNTOUCHED;
  /** The error is due although more could be typed: the field was left, the card was to be sealed, or the page demands it. */
  let due: "no" | "left" | "demanded" = "no";
  /** What the vault refused it for, until the next edit. */
  let refused: Code | undefined;
  /** What the engine made of the last edit. */
  let held = "";
  /** Where the caret stood before the edit that is under way. */
  let caret = 0;
  let advances = false;
  let full = false;
  /** It holds what a browser filled in, and nobody has edited since. */
  let filled = false;
  let focused = false;
  const choice = makeChoice(input, tell);
  const peer: FieldPeer = {
    place,
    form,
    name,
    home: window,
    text: () => element.value,
    clear,
    refresh,
    fill: (given) => {
      const { disabled, value } = element;
      const text = input.taking(given);
      if (text && !disabled && (!value || filled)) fill(text);
    },
    mirror: (fields) => mirror(fields, (field, text) => ask((of) => of.fill(field, text))),
    demand: (code) => {
      due = "demanded";
      refused = code;
      show();
    },
  };
  publish(peer);
  let told = JSON.stringify(change());

  function clear(): void {
    input.hold("", 0);
    edit("replace");
    forget();
  }

  function fill(text: string): void {
    const before = filled ? held : "";
    filled = true;
    edit("replace", false, text);
    // Chromium fills in the same once more where a text was regrouped.
    if (held !== before) ask((of) => of.filled(name));
  }

  function edit(kind: Edit, steps = false, text = element.value): void {
    due = "no";
    refused = undefined;
    ask((of) => {
      const edited = of.edit(name, text, input.caret(), kind);
      input.hold(edited.text, edited.caret);
      if (edited.text !== held && !steps) history.add({ text: held, caret });
      held = edited.text;
      refresh();
      const wasFull = full;
      full = view.complete && isFull(name, edited.text, of);
      const typed = full && !wasFull && kind === "insert" && edited.caret === edited.text.length;
      // The cardholder may be somewhere else by now.
      if (typed && advances && document.hasFocus()) next();
    });
  }

  /** During composition the text belongs to the input method: the engine hears of it, and the input is left alone. */
  function compose(): void {
    due = "no";
    refused = undefined;
    ask((of) => {
      const { value } = element;
      of.edit(name, value, value.length, "replace");
      refresh();
    });
  }

  function step(back: boolean): void {
    const state = history.step(back, { text: held, caret: input.caret() });
    if (!state) return;
    filled = false;
    input.hold(state.text, state.caret);
    edit("replace", true);
  }

  function forget(): void {
    held = "";
    history.clear();
  }

  function tell(): void {
    ask((of) => choice.tell(of));
  }

  function refresh(): void {
    ask((of) => {
      if (input.begin(of.year())) return edit("replace");
      choice.tell(of);
      view = of.report(name, view.told);
      choice.show(of.view(name));
      show();
    });
  }

  function show(): void {
    const now = change();
    input.show({ ...now, filled: filled && !now.empty });
    const telling = JSON.stringify(now);
    if (telling === told) return;
    told = telling;
    link.send({ v: 1, kind: "change", field: name, ...now });
  }

  /** An error shows at once where it is certain, else when it is due; an empty field has none until it is demanded. */
  function change(): Change {
    const { told: _, error: code, ...shown } = view;
    const isDue = due === "demanded" || (!shown.empty && (!shown.potentiallyValid || due === "left"));
    const error = isDue ? (refused ?? code) : undefined;
    return { ...shown, ...(error && { error }) };
  }

  /** Runs `call` if the coordinator is still there; if not, or if its engine broke, the page is told to rebuild it. */
  function ask(call: (of: CoordinatorPeer) => void): boolean {
    if (!coordinator) return false;
    try {
      if (isAttached(coordinator)) {
        call(coordinator);
        return true;
      }
    } catch {
      // The engine broke, or knows a field of that name. What was typed stays in the input, for the next coordinator.
    }
    coordinator = undefined;
    link.send({ v: 1, kind: "lost" });
    return false;
  }

  element.addEventListener("input", (event) => {
    const kind = editOf(event);
    if (isFill(kind, element)) return fill(element.value);
    filled = false;
    if (event instanceof InputEvent && event.isComposing) compose();
    else edit(kind);
  });
  element.addEventListener("compositionend", () => {
    // However many steps it took, it is one edit of what was there before it.
    ask((of) => of.edit(name, held, 0, "replace"));
    edit("insert");
  });
  for (const type of ["beforeinput", "compositionstart", "keydown"] as const) {
    element.addEventListener(type, (event: Event) => {
      if (!("isComposing" in event && event.isComposing)) caret = input.caret();
      const back = stepOf(event);
      if (back === undefined) return;
      event.preventDefault();
      step(back);
    });
  }
  const say = (kind: "focus" | "blur" | "enter" | "escape"): void => link.send({ v: 1, kind, field: name });
  element.addEventListener("keydown", (event: Event) => {
    if (!(event instanceof KeyboardEvent) || event.isComposing) return;
    if (event.key === "Enter") say("enter");
    if (event.key === "Escape") say("escape");
  });
  for (const type of ["focus", "blur"] as const) {
    const listener = (): void => {
      // While it fills, Chromium says both of every field, although the focus stays where it is.
      const has = document.activeElement === element && (type === "focus" || document.hasFocus());
      if (has === focused) return;
      focused = has;
      say(has ? "focus" : "blur");
      if (has) return;
      if (due === "no") due = "left";
      show();
    };
    // Of a pointer that goes from one frame to another WebKit tells only their windows.
    for (const target of [element, window]) target.addEventListener(type, listener);
  }
  // Nothing may stay behind in session history. What a page that may come back holds, the coordinator decides.
  addEventListener("pagehide", ({ persisted }) => {
    if (persisted) return;
    input.hold("", 0);
    forget();
    ask((of) => of.detach(peer));
  });

  return {
    change,
    set: (settings) => {
      advances = settings.advance === true;
      input.set(settings);
      choice.set(settings);
      tell();
    },
    focus: () => {
      element.focus();
      if (element.disabled || document.activeElement === element) return;
      link.send({ v: 1, kind: "unfocused" });
      focusByKey(element);
    },
    blur: () => element.blur(),
    clear,
    demand: () => {
      if (!view.empty || !/^(name|postal_code)$/.test(name)) peer.demand(refused);
    },
    attach: () => {
      coordinator = findCoordinator(place, form);
      return ask((of) => {
        of.attach(peer);
        edit("replace");
      });
    },
  };
}

/** Autofill fires a plain event, or an insertReplacementText, for the whole value. */
function editOf(event: Event): Edit {
  const type = event instanceof InputEvent ? event.inputType : "";
  if (type === "" || type === "insertReplacementText") return "replace";
  // Characters, words, lines, cuts: which way matters only where nothing but a separator went.
  // An input method's own deletions are part of a composition, which is handed over whole.
  if (type.startsWith("delete") && !type.includes("Composition"))
    return type.endsWith("Forward") ? "forward" : "backward";
  return "insert";
}

/** Whether nobody typed it. What is chosen from a list comes by the same kind of event as what is filled in. */
function isFill(edit: Edit, element: Input["element"]): boolean {
  return (
    edit === "replace" && element.value !== "" && ("selectionEnd" in element || element.matches(":autofill"))
  );
}

/**
 * Whether a complete field takes no more digits from all but few cards: brands with numbers of 19 digits, and codes of an
 * unknown card, are waited for. Of a name or a postal code nobody knows when it is whole.
 */
function isFull(name: FieldName, text: string, coordinator: CoordinatorPeer): boolean {
  if (name === "number") return FULL.test(text.replaceAll(" ", ""));
  if (name === "cvc") return text.length === 4 || coordinator.view("number").complete;
  if (name === "month") return text.length === 2;
  return name === "expiry" || name === "year";
}

const FULL = /^(3\d{13}|[24]\d{15}|5[1-5]\d{14}|6(011|5\d\d)\d{12}|\d{19})/;
