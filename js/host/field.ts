// One mounted field, seen from the page: its frame, what is said to it and heard from it. No value ever comes here.

import type { Brand } from "../brands.js";
import { CardsealError, isInputCode } from "../errors.js";
import type { Change, FieldName, FrameMessage } from "../messages.js";
import { DEVELOPMENT } from "../sentences.js";
import { Deferred } from "./deferred.js";
import { causeOf, Emitter, type FieldEvents, type Timings } from "./events.js";
import { HostedFrame, type Place } from "./frame.js";
import type { MountName, ParsedFieldOptions } from "./mount.js";
import { invalid } from "./options.js";
import { isDark, mark } from "./style.js";

const EMPTY: Change = { empty: true, complete: false, potentiallyValid: true };

export class Field extends HostedFrame {
  readonly name: MountName;
  /** What the page knows of each input. */
  readonly #known = new Map<FieldName, Change>();
  /** This field's own listeners; the form has others. */
  readonly events = new Emitter();
  readonly #target: Element;
  readonly #form: Emitter;
  readonly #lost: () => void;
  readonly #advance: () => void;
  readonly #timings: () => Timings;
  readonly #gone = new AbortController();
  #options: ParsedFieldOptions;
  /** Its label in the cardholder's language. */
  #title: string | undefined;
  #brand: Brand | undefined;
  #choice: string | undefined;
  #attached = false;
  /** It was told that there is a coordinator, and has not answered yet. */
  #asked = false;
  #waiting: { readonly kind: "focus" | "blur" | "clear"; readonly active: Element | null }[] = [];

  /** `lost` is called when the field no longer reaches the coordinator, `advance` when the next one is to have the focus. */
  constructor(
    name: MountName,
    target: Element,
    form: Emitter,
    lost: () => void,
    advance: () => void,
    timings: () => Timings,
    options: ParsedFieldOptions,
  ) {
    super();
    this.name = name;
    this.#target = target;
    this.#form = form;
    this.#lost = lost;
    this.#advance = advance;
    this.#timings = timings;
    this.#options = options;
    for (const field of options.fields) this.#known.set(field, EMPTY);
    const { signal } = this.#gone;
    const listener = (event: Event): void => this.#click(event);
    // Labels may come and go: those of the page's are looked at when they are clicked.
    target.getRootNode().addEventListener("click", listener, { signal });
  }

  get disabled(): boolean {
    return this.#options.settings.disabled === true;
  }

  /** Whether it comes before the other in the page. */
  precedes(other: Field): boolean {
    const { DOCUMENT_POSITION_DISCONNECTED: apart, DOCUMENT_POSITION_FOLLOWING: following } = Node;
    return (this.element.compareDocumentPosition(other.element) & (apart | following)) === following;
  }

  /** The fields that it has an input for. */
  get fields(): readonly FieldName[] {
    return [...this.#known.keys()];
  }

  /** Has these options from now on, and no other. */
  update(options: ParsedFieldOptions): void {
    if (`${options.address}` !== `${this.#options.address}`)
      throw invalid(DEVELOPMENT && "`inputs` and `control` stay as they were mounted.");
    this.#options = options;
    this.loaded();
    this.#entitle();
  }

  load(place: Place): void {
    this.place = place;
    const { style } = this.element;
    // The page's scheme reaches the frame by no event but this: a colour that depends on it, and takes time to change.
    style.color = "light-dark(#000, #fff)";
    style.setProperty("transition", "color 1ms", "important");
    this.element.addEventListener("transitionrun", () => this.dress(), { signal: this.#gone.signal });
    const dark = isDark(this.#target, place.settings.theme);
    this.dress();
    const hash = [...(dark ? ["dark"] : []), ...this.#options.address].join();
    this.show(this.#target, this.name, "Cardseal", heightOf(1, 1), place, hash);
    mark(this.#target, { empty: true });
  }

  /** Says what to look like: at each load, and whenever the page's wish or its scheme changes. */
  dress(): void {
    if (!this.place) return;
    const { theme, style } = this.place.settings;
    const dark = isDark(this.#target, theme);
    // Where the scheme of a frame is not that of its element, browsers paint the frame's ground.
    this.element.style.colorScheme = theme === "light" || theme === "dark" ? theme : "inherit";
    const contrast =
      theme === "contrast" || (theme === "auto" && matchMedia("(prefers-contrast: more)").matches);
    this.send({ v: 1, kind: "look", dark, contrast, style: [...style, ...this.#options.style] });
  }

  /** Says in which language to speak, and what instead of its texts: at each load, and whenever the page's wish changes. */
  speak(): void {
    if (!this.place) return;
    const { ranges, settings } = this.place;
    const messages = { ...settings.messages, ...this.#options.texts };
    this.send({ v: 1, kind: "speak", ranges, messages });
  }

  /** The errors are told anew: there are other words for them. */
  retell(): void {
    for (const [field, change] of this.#known) if (change.error) this.#change(field, change);
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
    this.#reset();
    this.remove(error);
    this.events.clear();
  }

  override remove(error: CardsealError): void {
    this.#gone.abort();
    super.remove(error);
    mark(this.#target, {});
    this.#target.classList.remove("cardseal-focused");
  }

  protected override loaded(): void {
    this.send({ v: 1, kind: "set", ...this.#options.settings });
    this.speak();
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
        this.retell();
        break;
      case "change":
        this.#change(message.field, message);
        break;
      case "size":
        this.element.style.height = heightOf(message.rows, message.lines);
        break;
      case "focus":
      case "blur":
        this.#target.classList.toggle("cardseal-focused", message.kind === "focus");
        this.#emit(message.kind, { field: message.field });
        break;
      case "enter":
      case "escape":
        this.#emit(message.kind, { field: message.field });
        break;
      case "covered":
        this.#emit("covered", { field: this.name, covered: message.covered });
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
    this.#reset();
  }

  /** A label of the page's does for this field what it does for an input. */
  #click({ target, defaultPrevented }: Event): void {
    if (defaultPrevented || !(target instanceof Element)) return;
    const near = target.closest("a,button,input,select,textarea,label");
    const ours =
      near instanceof HTMLLabelElement &&
      (near.htmlFor ? near.htmlFor === this.#target.id : near.contains(this.#target));
    const { labelledBy } = this.#options;
    if (ours || (labelledBy?.contains(target) && (!near || near === labelledBy))) this.say("focus");
  }

  /** The frame's name is that of its field. */
  #entitle(): void {
    this.element.title = this.#options.texts[`${this.name}_label`] || this.#title || "Cardseal";
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

  #reset(): void {
    for (const field of this.fields) this.#change(field, EMPTY);
  }

  #change(field: FieldName, change: Change): void {
    const { empty, complete, potentiallyValid, error, brand, brands, bin, networks, network } = change;
    this.#known.set(field, change);
    const known = [...this.#known.values()];
    const card = { empty: known.every((of) => of.empty), complete: known.every((of) => of.complete) };
    mark(this.#target, { ...card, invalid: known.some((of) => of.error) });
    this.#emit("change", {
      field,
      empty,
      complete,
      potentiallyValid,
      ...(isInputCode(error) && { error: { code: error, message: this.sentence(error) } }),
      ...(brand && { brand }),
      ...(brands && { brands }),
      ...(bin && { bin }),
      ...(this.name === "card" && { card }),
    });
    if (field !== "number") return;
    if (brand !== this.#brand) {
      this.#brand = brand;
      this.#emit("brand", { field, ...(brand && { brand }) });
    }
    const choice = networks && `${networks} ${network}`;
    if (choice !== this.#choice) {
      this.#choice = choice;
      this.#emit("networks", { field, networks: networks ?? [], ...(network && { network }) });
    }
  }

  #emit<Name extends keyof FieldEvents>(name: Name, event: FieldEvents[Name]): void {
    this.events.emit(name, event);
    this.#form.emit(name, event);
  }
}

/** Rows of inputs and the lines of error below them, as a multiple of the cardholder's font size. */
function heightOf(rows: number, lines: number): string {
  return `${0.125 + 4 * rows + 1.375 * lines}em`;
}
