// One mounted field, seen from the page: its frame, what is said to it and heard from it. No value ever comes here.

import type { Brand } from "../brands.js";
import type { Declaration } from "../bridge-style.js";
import { CardsealError, isInputCode } from "../errors.js";
import type { Change, FieldName, FieldSettings, FrameMessage } from "../messages.js";
import type { Texts } from "../texts.js";
import { Deferred } from "./deferred.js";
import { causeOf, Emitter, type FieldEvents, type Timings } from "./events.js";
import { HostedFrame, type Place } from "./frame.js";
import type { FieldOptions, ParsedFieldOptions } from "./options.js";
import { type Appearance, isDark, mark } from "./style.js";

/** A mounted field. */
export interface FieldHandle {
  readonly field: FieldName;
  /** Hears an event of this field; returns the function that ends the subscription. */
  on<Name extends keyof FieldEvents>(name: Name, listener: (event: FieldEvents[Name]) => void): () => void;
  /** Moves the focus into the field. */
  focus(): void;
  /** Takes the focus out of the field. */
  blur(): void;
  /** Empties the field. */
  clear(): void;
  /** Sets options anew; those left out stay as they are. Throws `options_invalid` or `element_not_found`. */
  update(options: FieldOptions): void;
  /** Removes the field and what was typed into it. The handle is of no use afterwards; mount again for a new one. */
  unmount(): void;
}

/** The input and a line of error below it, as a multiple of the cardholder's font size. */
const HEIGHT = "5.5em";

export class Field extends HostedFrame {
  readonly name: FieldName;
  /** This field's own listeners; the form has others. */
  readonly events = new Emitter();
  readonly #target: Element;
  readonly #form: Emitter;
  readonly #lost: () => void;
  readonly #advance: () => void;
  readonly #timings: () => Timings;
  #appearance: Appearance | undefined;
  #style: readonly Declaration[] = [];
  readonly #gone = new AbortController();
  #settings: FieldSettings = {};
  #title: string | undefined;
  #messages: Texts = {};
  #labelledBy: Element | undefined;
  #brand: Brand | undefined;
  #attached = false;
  /** It was told that there is a coordinator, and has not answered yet. */
  #asked = false;
  #waiting: { readonly kind: "focus" | "blur" | "clear"; readonly active: Element | null }[] = [];

  /** `lost` is called when the field no longer reaches the coordinator, `advance` when the next one is to have the focus. */
  constructor(
    name: FieldName,
    target: Element,
    form: Emitter,
    lost: () => void,
    advance: () => void,
    timings: () => Timings,
  ) {
    super();
    this.name = name;
    this.#target = target;
    this.#form = form;
    this.#lost = lost;
    this.#advance = advance;
    this.#timings = timings;
    const { signal } = this.#gone;
    const listener = (event: Event): void => this.#click(event);
    // Labels may come and go: those of the page's are looked at when they are clicked.
    target.getRootNode().addEventListener("click", listener, { signal });
  }

  get disabled(): boolean {
    return this.#settings.disabled === true;
  }

  /** Whether it comes before the other in the page. */
  precedes(other: Field): boolean {
    const { DOCUMENT_POSITION_DISCONNECTED: apart, DOCUMENT_POSITION_FOLLOWING: following } = Node;
    return (this.element.compareDocumentPosition(other.element) & (apart | following)) === following;
  }

  update({ labelledBy, settings, style }: ParsedFieldOptions): void {
    this.#style = style ?? this.#style;
    this.dress();
    this.#labelledBy = labelledBy ?? this.#labelledBy;
    this.#settings = { ...this.#settings, ...settings };
    this.send({ v: 1, kind: "set", ...settings });
    this.#entitle();
  }

  load(place: Place): void {
    this.#messages = place.settings.messages;
    this.#appearance = place.settings.appearance;
    const { style } = this.element;
    // The page's scheme reaches the frame by no event but this: a colour that depends on it, and takes time to change.
    style.color = "light-dark(#000, #fff)";
    style.setProperty("transition", "color 1ms", "important");
    this.element.addEventListener("transitionrun", () => this.dress(), { signal: this.#gone.signal });
    const dark = isDark(this.#target, place.settings.appearance.theme);
    this.dress();
    this.show(this.#target, this.name, "Cardseal", HEIGHT, place, dark);
    mark(this.#target, { empty: true });
  }

  /** Says what to look like: at each load, and whenever the page's wish or its scheme changes. */
  dress(): void {
    if (!this.#appearance) return;
    const { theme, style } = this.#appearance;
    const dark = isDark(this.#target, theme);
    // Where the scheme of a frame is not that of its element, browsers paint the frame's ground.
    this.element.style.colorScheme = theme === "light" || theme === "dark" ? theme : "inherit";
    const contrast =
      theme === "contrast" || (theme === "auto" && matchMedia("(prefers-contrast: more)").matches);
    this.send({ v: 1, kind: "look", dark, contrast, style: [...style, ...this.#style] });
  }

  /** Tells the frame that there is a coordinator to be found. */
  attach(): void {
    this.#asked = true;
    this.send({ v: 1, kind: "attach" });
  }

  /** The coordinator is gone: the field is not ready until it has found the next. */
  detach(): void {
    if (this.#attached) this.usable = new Deferred();
    this.#attached = false;
  }

  /** Says it now, or as soon as the field is ready. */
  say(kind: "focus" | "blur" | "clear"): void {
    if (!this.#attached) {
      this.#waiting.push({ kind, active: document.activeElement });
      return;
    }
    // The window has to have the focus before an element in it can. From one frame to the next the frames themselves
    // hand it on: where the page does so too, the browser now and then loses it.
    const { activeElement } = this.element.getRootNode() as Document | ShadowRoot;
    if (kind === "focus" && activeElement?.tagName !== "IFRAME") this.element.focus();
    this.send({ v: 1, kind });
  }

  /** Removes it; what was typed into it is gone, and the page is told. */
  unmount(error: CardsealError): void {
    this.remove(error);
    this.#change({ empty: true, complete: false, potentiallyValid: true });
    this.events.clear();
  }

  override remove(error: CardsealError): void {
    this.#gone.abort();
    super.remove(error);
    mark(this.#target, {});
    this.#target.classList.remove("cardseal-focused");
  }

  protected override loaded(): void {
    this.send({ v: 1, kind: "set", ...this.#settings });
    this.send({ v: 1, kind: "messages", messages: this.#messages });
    this.dress();
  }

  protected hear(message: FrameMessage): void {
    switch (message.kind) {
      case "ready":
        this.#becomeReady();
        break;
      case "texts":
        this.#title = message.texts[`${this.name}_label`];
        this.#entitle();
        break;
      case "change":
        mark(this.#target, { ...message, invalid: !!message.error });
        this.#change(message);
        break;
      case "focus":
      case "blur":
        this.#target.classList.toggle("cardseal-focused", message.kind === "focus");
        this.#emit(message.kind, { field: this.name });
        break;
      case "enter":
      case "escape":
        this.#emit(message.kind, { field: this.name });
        break;
      case "advance":
        this.#advance();
        break;
      case "lost":
        // A field that is not attached cannot lose the coordinator; asked for it, it finds none, or two. Unasked, it speaks
        // of one that is being replaced already.
        if (this.#attached) this.#lost();
        else if (this.#asked) this.fail(new CardsealError("coordinator_lost"));
    }
  }

  protected missed(error: CardsealError, arrived: boolean): void {
    const cause = causeOf(error.code, arrived);
    if (cause) this.#emit("loaderror", { field: this.name, cause, error });
  }

  protected reloaded(): void {
    this.detach();
    mark(this.#target, { empty: true });
    this.#change({ empty: true, complete: false, potentiallyValid: true });
  }

  /** A label of the page's does for this field what it does for an input. */
  #click({ target, defaultPrevented }: Event): void {
    if (defaultPrevented || !(target instanceof Element)) return;
    const near = target.closest("a,button,input,select,textarea,label");
    const ours =
      near instanceof HTMLLabelElement &&
      (near.htmlFor ? near.htmlFor === this.#target.id : near.contains(this.#target));
    if (ours || (this.#labelledBy?.contains(target) && (!near || near === this.#labelledBy)))
      this.say("focus");
  }

  /** The frame's name is that of its field. */
  #entitle(): void {
    this.element.title = this.#settings.label || this.#title || "Cardseal";
  }

  #becomeReady(): void {
    if (this.#attached) return;
    this.#attached = true;
    this.#asked = false;
    this.succeed();
    this.#emit("ready", { field: this.name, timings: this.#timings() });
    for (const { kind, active } of this.#waiting.splice(0)) {
      // The cardholder may be somewhere else by now.
      if (kind !== "focus" || document.activeElement === active) this.say(kind);
    }
  }

  #change({ empty, complete, potentiallyValid, error, brand, brands, bin }: Change): void {
    this.#emit("change", {
      field: this.name,
      empty,
      complete,
      potentiallyValid,
      ...(isInputCode(error) && { error: { code: error, message: this.sentence(error) } }),
      ...(brand && { brand }),
      ...(brands && { brands }),
      ...(bin && { bin }),
    });
    if (brand !== this.#brand) {
      this.#brand = brand;
      this.#emit("brand", { field: this.name, ...(brand && { brand }) });
    }
  }

  #emit<Name extends keyof FieldEvents>(name: Name, event: FieldEvents[Name]): void {
    this.events.emit(name, event);
    this.#form.emit(name, event);
  }
}
