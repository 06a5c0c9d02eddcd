// One field as an element: a form control that labels, validation, reset and disabled fieldsets know. It holds no value.

import type {
  CardOptions,
  ChangeEvent,
  FieldEvents,
  FieldHandle,
  Fields,
  MountName,
  MountOptions,
} from "cardseal";
import { EVENTS } from "../host/events.js";
import { tellChanges } from "./changes.js";
import { adopt, Base, makeBlocks } from "./element.js";
import type { FormElement } from "./form-element.js";

/** A field of a `<card-form>`. Attributes: `label`, `placeholder`, `advance`, `disabled`, `optional`, and `control` of month, year and the combined card. */
export interface FieldElement<Name extends MountName = MountName> extends HTMLElement {
  /** What mount() takes beyond the attributes, and instead of them. */
  options: MountOptions[Name];
  /** The form control's standard members (HTML section 4.10.20.3). */
  readonly form: HTMLFormElement | null;
  readonly labels: NodeList;
  readonly validity: ValidityState;
  readonly validationMessage: string;
  readonly willValidate: boolean;
  checkValidity(): boolean;
  reportValidity(): boolean;
  /** Empties the field. */
  clear(): void;
}

/** What a `<card-form>` says to its fields. */
export interface Mountable extends HTMLElement {
  /** Whether it has the input of a field. */
  holds(field: string): boolean;
  mount(fields: Fields): void;
  unmount(): void;
  /** The form is its no more. */
  leave(): void;
  /** Shows what it lacks, if it was found to lack something just now. */
  demand(): void;
}

type Held = Pick<ChangeEvent, "empty" | "complete" | "error">;

const EMPTY: Held = { empty: true, complete: false };

/** The class of the elements of one kind of field. */
export function makeFieldElement<Name extends MountName>(
  name: Name,
): new () => FieldElement<Name> & Mountable {
  return class extends Base implements FieldElement<Name>, Mountable {
    static readonly formAssociated = true;
    static readonly observedAttributes = ["label", "placeholder", "advance", "optional"];
    readonly #internals = this.attachInternals();
    /** What each input was last said to hold. */
    readonly #held = new Map<string, Held>();
    #options: MountOptions[Name] = {};
    /** What the handle was told of them. */
    #told: object = {};
    #home: FormElement | undefined;
    #handle: FieldHandle<Name> | undefined;
    #disabled = false;
    /** What had the focus when it was asked for, and nothing was mounted yet. */
    #wanted: Element | null | undefined;
    /** Of the validation that is under way. */
    #invalid: Event | undefined;

    constructor() {
      super();
      this.#judge();
      this.addEventListener("invalid", (event) => this.#await(event));
      this.addEventListener("focus", ({ isTrusted }) => {
        // Those of the field are dispatched on this element, too.
        if (!isTrusted || !this.#invalid) return;
        this.#home?.demand();
        this.focus();
      });
    }

    get options(): MountOptions[Name] {
      return this.#options;
    }

    set options(options: MountOptions[Name]) {
      this.#options = options;
      this.#update();
    }

    get form(): HTMLFormElement | null {
      return this.#internals.form;
    }

    get labels(): NodeList {
      return this.#internals.labels;
    }

    get validity(): ValidityState {
      return this.#internals.validity;
    }

    get validationMessage(): string {
      return this.#internals.validationMessage;
    }

    get willValidate(): boolean {
      return this.#internals.willValidate;
    }

    checkValidity(): boolean {
      return this.#internals.checkValidity();
    }

    reportValidity(): boolean {
      return this.#internals.reportValidity();
    }

    override focus(): void {
      this.#handle?.focus();
      if (!this.#handle && this.isConnected) this.#wanted = document.activeElement;
    }

    override blur(): void {
      this.#handle?.blur();
      this.#wanted = undefined;
    }

    clear(): void {
      this.#handle?.clear();
    }

    connectedCallback(): void {
      makeBlocks(this);
      adopt(this, ["options"]);
      const home = this.closest("card-form") ?? undefined;
      if (home === this.#home) return;
      this.leave();
      this.#home = home;
      home?.enlist(this);
    }

    disconnectedCallback(): void {
      // One that is only moved is connected again by then.
      queueMicrotask(() => {
        if (!this.isConnected) this.leave();
      });
    }

    attributeChangedCallback(): void {
      this.#update();
      this.#judge();
    }

    formDisabledCallback(disabled: boolean): void {
      this.#disabled = disabled;
      this.#update();
    }

    formResetCallback(): void {
      this.clear();
    }

    holds(field: string): boolean {
      return this.#inputs().includes(field);
    }

    mount(fields: Fields): void {
      if (this.#handle) return;
      const control = this.getAttribute("control");
      const given = this.#given();
      const handle = fields.mount<Name>(name, this, { ...(control !== null && { control }), ...given });
      this.#handle = handle;
      this.#told = given;
      // First of all: whoever hears of a change finds this element's validity after it.
      handle.on("change", (change) => {
        this.#held.set(change.field, change);
        this.#judge();
      });
      for (const event of EVENTS) handle.on(event, (detail) => this.#tell(event, detail));
      this.#judge();
      // The shopper may be somewhere else by now.
      if (this.#wanted === document.activeElement) handle.focus();
      this.#wanted = undefined;
    }

    unmount(): void {
      const handle = this.#handle;
      this.#handle = undefined;
      this.#wanted = undefined;
      handle?.unmount();
    }

    leave(): void {
      this.#home?.dismiss(this);
      this.#home = undefined;
      this.unmount();
    }

    demand(): void {
      if (this.#invalid?.defaultPrevented === false) this.#handle?.demand();
    }

    #given(): MountOptions[Name] {
      const [labelledBy] = this.labels;
      return {
        ...(labelledBy instanceof Element && { labelledBy }),
        label: this.getAttribute("label"),
        placeholder: this.getAttribute("placeholder"),
        advance: this.hasAttribute("advance"),
        disabled: this.#disabled,
        ...this.#options,
      };
    }

    #update(): void {
      if (!this.#handle) return;
      // These stay as they were mounted, unless something else is asked for: that is refused.
      const { inputs, control }: CardOptions = this.#told;
      const given = { inputs, control, ...this.#given() };
      tellChanges(this.#handle, this.#told, given);
      this.#told = given;
    }

    #tell(event: keyof FieldEvents, detail: FieldEvents[keyof FieldEvents]): void {
      // As those of an input: focus and blur do not bubble.
      this.dispatchEvent(new CustomEvent(event, { detail, bubbles: event !== "focus" && event !== "blur" }));
    }

    #inputs(): readonly string[] {
      return this.#handle?.fields ?? [name];
    }

    #judge(): void {
      const held = this.#inputs().map((field) => [field, this.#held.get(field) ?? EMPTY] as const);
      const unused = this.hasAttribute("optional") && held.every(([, { empty }]) => empty);
      const lacking = held.filter(
        ([field, { empty, complete }]) => !complete && !(empty && MAY_BE_EMPTY.test(field)),
      );
      if (unused || lacking.length === 0) {
        this.#internals.setValidity({});
        return;
      }
      const valueMissing = lacking.every(([, { empty }]) => empty);
      const [message] = lacking.flatMap(([, { error }]) => error?.message ?? []);
      this.#internals.setValidity(
        { valueMissing, badInput: !valueMissing },
        message || sentenceOf(valueMissing) || name,
      );
    }

    /**
     * `invalid` is all that a silent check does. Where something is to be shown, the browser moves the focus to the first
     * control that is invalid and can have it, before this task ends.
     */
    #await(event: Event): void {
      const focusable = this.hasAttribute("tabindex");
      this.#invalid = event;
      if (!focusable) this.tabIndex = -1;
      setTimeout(() => {
        this.#invalid = undefined;
        if (focusable) return;
        const done = (): void => this.removeAttribute("tabindex");
        // Here the focus waits for a field that is not ready yet.
        if (this.matches(":focus")) this.addEventListener("blur", done, { once: true });
        else done();
      });
    }
  };
}

const MAY_BE_EMPTY = /^(name|postal_code)$/;

/** What this browser says of an input that is empty, or not as it should be, in its user's language. */
function sentenceOf(empty: boolean): string {
  const input = document.createElement("input");
  input.required = true;
  if (!empty) [input.pattern, input.value] = ["0", "1"];
  return input.validationMessage;
}
