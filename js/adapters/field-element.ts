// One field as an element: a form control that labels, validation, reset and disabled fieldsets know. It holds no value.

import type { ChangeEvent, FieldEvents, FieldHandle, Fields, MountName, MountOptions } from "cardseal";
import { EVENTS } from "../host/events.js";
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
export interface Mountable {
  mount(fields: Fields): void;
  unmount(): void;
}

/** The class of the elements of one kind of field. */
export function makeFieldElement<Name extends MountName>(
  name: Name,
): new () => FieldElement<Name> & Mountable {
  return class extends Base implements FieldElement<Name>, Mountable {
    static readonly formAssociated = true;
    static readonly observedAttributes = ["label", "placeholder", "advance"];
    readonly #internals = this.attachInternals();
    #options: MountOptions[Name] = {};
    #home: FormElement | undefined;
    #handle: FieldHandle<Name> | undefined;
    #disabled = false;

    constructor() {
      super();
      this.#judge({ empty: true, complete: false });
      this.addEventListener("invalid", (event) => {
        // The frame shows what is wrong, in the cardholder's language.
        event.preventDefault();
        this.#home?.demand();
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
    }

    override blur(): void {
      this.#handle?.blur();
    }

    clear(): void {
      this.#handle?.clear();
    }

    connectedCallback(): void {
      makeBlocks(this);
      adopt(this, ["options"]);
      const home = this.closest("card-form") ?? undefined;
      if (home === this.#home) return;
      this.#leave();
      this.#home = home;
      home?.enlist(this);
    }

    disconnectedCallback(): void {
      // One that is only moved is connected again by then.
      queueMicrotask(() => {
        if (!this.isConnected) this.#leave();
      });
    }

    attributeChangedCallback(): void {
      this.#update();
    }

    formDisabledCallback(disabled: boolean): void {
      this.#disabled = disabled;
      this.#update();
    }

    formResetCallback(): void {
      this.clear();
    }

    mount(fields: Fields): void {
      const [labelledBy] = this.labels;
      const control = this.getAttribute("control");
      const handle = fields.mount<Name>(name, this, {
        ...(labelledBy instanceof Element && { labelledBy }),
        ...(control !== null && { control }),
        ...this.#given(),
      });
      this.#handle = handle;
      for (const event of EVENTS) handle.on(event, (detail) => this.#tell(event, detail));
      handle.on("change", (change) => this.#judge(change.card ?? change, change.error?.message));
    }

    unmount(): void {
      const handle = this.#handle;
      this.#handle = undefined;
      handle?.unmount();
    }

    #given(): MountOptions[Name] {
      const placeholder = this.getAttribute("placeholder");
      return {
        label: this.getAttribute("label"),
        ...(placeholder !== null && { placeholder }),
        advance: this.hasAttribute("advance"),
        disabled: this.#disabled,
        ...this.#options,
      };
    }

    #update(): void {
      this.#handle?.update(this.#given());
    }

    #leave(): void {
      this.#home?.dismiss(this);
      this.#home = undefined;
      this.unmount();
    }

    #tell(event: keyof FieldEvents, detail: FieldEvents[keyof FieldEvents]): void {
      // As those of an input: focus and blur do not bubble.
      this.dispatchEvent(new CustomEvent(event, { detail, bubbles: event !== "focus" && event !== "blur" }));
    }

    #judge({ empty, complete }: Pick<ChangeEvent, "empty" | "complete">, message = ""): void {
      const optional = this.hasAttribute("optional") || name === "name" || name === "postal_code";
      if (complete || (empty && optional)) this.#internals.setValidity({});
      else this.#internals.setValidity({ valueMissing: empty, badInput: !empty }, message || name);
    }
  };
}
