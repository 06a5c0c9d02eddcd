// A form of hosted fields as an element: makes the fields, tokenizes when the HTML form around it is submitted, and puts
// the token into its data. The page's own submit listeners run once there is a token.

import {
  CardsealError,
  createFields,
  type Fields,
  type Options,
  type Token,
  type TokenizeOptions,
} from "cardseal";
import { tellChanges } from "./changes.js";
import { adopt, Base, makeBlocks } from "./element.js";
import type { Mountable } from "./field-element.js";

/** What createFields() takes beyond the attributes of the element. */
export type FormOptions = Partial<Omit<Options, "vault" | "context">>;

/**
 * A form of hosted fields.
 *
 * Attributes: `vault`, the vault's origin; `context`, an address of your own that answers a GET with a capture context;
 * `merchant`, `locale`, `theme` as the options of createFields(); `name`, that of the token in the form's data,
 * `payment_token` if left out.
 *
 * Events: `token` with the token, before the form is submitted with it, unless it is cancelled; `error` with the
 * CardsealError why there is none; `loaderror` as that of createFields(). All other events are of the fields' elements.
 */
export class FormElement extends Base {
  static readonly formAssociated = true;
  static readonly observedAttributes = ["vault", "context", "merchant", "locale", "theme"];
  readonly #internals = this.attachInternals();
  readonly #members = new Set<Mountable>();
  #context: Options["context"] | undefined;
  #options: FormOptions = {};
  /** What the form was told of what may change. */
  #told: object = {};
  #fields: Fields | undefined;
  #form: HTMLFormElement | null = null;
  #token: Token | undefined;
  #busy = false;
  readonly #submit = (event: SubmitEvent): void => {
    if (this.#token || !this.#fields) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void this.#pay(event.submitter);
  };

  constructor() {
    super();
    this.addEventListener("change", () => this.#forget());
    this.addEventListener("enter", () => this.#enter());
  }

  /** Gives a fresh capture context, instead of the attribute. An address becomes the attribute. */
  get context(): Options["context"] | undefined {
    return this.#context;
  }

  set context(context: Options["context"] | string | undefined) {
    // Frameworks set a property where an element has one, whatever the template says.
    const address = typeof context === "string";
    if (address) this.setAttribute("context", context);
    this.#context = address ? undefined : context;
    this.#start();
  }

  /** Options beyond the attributes. Of those set later, theme, style, locale and messages are taken up. */
  get options(): FormOptions {
    return this.#options;
  }

  set options(options: FormOptions) {
    this.#options = options;
    this.#update();
  }

  /** The form behind the element, once it has a vault and a context. */
  get fields(): Fields | undefined {
    return this.#fields;
  }

  /** The HTML form around it. */
  get form(): HTMLFormElement | null {
    return this.#internals.form;
  }

  /** As tokenize() of createFields(); the token is in the form's data from then on, until something is typed. */
  async tokenize(options?: TokenizeOptions): Promise<Token> {
    // Fields that came just now are mounted by then.
    await undefined;
    if (!this.#fields) throw new CardsealError("field_not_mounted");
    const token = await this.#fields.tokenize(options);
    this.#token = token;
    const entries = new FormData();
    entries.append(this.getAttribute("name") ?? "payment_token", token.id);
    this.#internals.setFormValue(entries);
    return token;
  }

  /** A field says that it stands in this form. */
  enlist(member: Mountable): void {
    this.#members.add(member);
    this.#place(member);
  }

  /** A field says that it stands there no more. */
  dismiss(member: Mountable): void {
    this.#members.delete(member);
  }

  /** The HTML form would be submitted, or says what it lacks: the fields that were found invalid show why. */
  demand(): void {
    for (const member of this.#members) member.demand();
  }

  connectedCallback(): void {
    makeBlocks(this);
    adopt(this, ["context", "options"]);
    this.#start();
  }

  disconnectedCallback(): void {
    // One that is only moved is connected again by then.
    queueMicrotask(() => {
      if (this.isConnected) return;
      for (const member of this.#members) member.unmount();
      this.#fields?.destroy();
      this.#fields = undefined;
    });
  }

  attributeChangedCallback(): void {
    if (this.#fields) this.#update();
    else this.#start();
  }

  formAssociatedCallback(form: HTMLFormElement | null): void {
    this.#form?.removeEventListener("submit", this.#submit, { capture: true });
    this.#form = form;
    form?.addEventListener("submit", this.#submit, { capture: true });
  }

  /** Once it stands in a page and is told where the vault is and where contexts come from. */
  #start(): void {
    const vault = this.getAttribute("vault");
    const address = this.getAttribute("context");
    if (this.#fields || !this.isConnected || !vault || !(this.#context || address)) return;
    const { merchant = this.getAttribute("merchant") ?? undefined, timeout } = this.#options;
    const given = this.#changeable();
    const context: Options["context"] = () =>
      this.#context?.() ?? fetchContext(this.getAttribute("context") ?? "");
    const fields = createFields({ vault, context, merchant, timeout, ...given });
    this.#fields = fields;
    this.#told = given;
    fields.on("loaderror", (detail) => {
      if (!detail.field) this.dispatchEvent(new CustomEvent("loaderror", { detail }));
    });
    for (const member of this.#members) this.#place(member);
  }

  /** What update() takes, too. */
  #changeable(): object {
    const { merchant: _, timeout: __, ...options } = this.#options;
    const [locale, theme] = [this.getAttribute("locale") || null, this.getAttribute("theme") || null];
    return { locale, theme, ...options };
  }

  #update(): void {
    if (!this.#fields) return;
    const given = this.#changeable();
    tellChanges(this.#fields, this.#told, given);
    this.#told = given;
  }

  /** Once the page's change is through: what takes the place of a field may come before that has gone. */
  #place(member: Mountable): void {
    queueMicrotask(() => {
      for (const other of this.#members) if (!other.isConnected) other.leave();
      if (this.#fields && this.#members.has(member)) member.mount(this.#fields);
    });
  }

  async #pay(submitter: HTMLElement | null): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const detail = await this.tokenize();
      if (!this.dispatchEvent(new CustomEvent("token", { detail, bubbles: true, cancelable: true }))) return;
      this.#form?.requestSubmit(submitter?.isConnected ? submitter : null);
    } catch (thrown) {
      if (!(thrown instanceof CardsealError)) throw thrown;
      this.#focus(thrown.field);
      this.dispatchEvent(new CustomEvent("error", { detail: thrown }));
    } finally {
      this.#busy = false;
    }
  }

  /** To the field that has to be corrected, as a browser does for an input. */
  #focus(field = ""): void {
    const members = [...this.#members];
    const at = [field, ELSEWHERE[field] ?? ""].flatMap((name) =>
      members.filter((member) => member.holds(name)),
    );
    at[0]?.focus();
  }

  #forget(): void {
    this.#token = undefined;
    this.#internals.setFormValue(null);
  }

  /** What a browser does for an input (HTML section 4.10.21.2): the form's first submit button is clicked, if there is one. */
  #enter(): void {
    const controls = [...(this.#form?.elements ?? [])];
    const button = controls.find(
      (control): control is HTMLButtonElement | HTMLInputElement =>
        (control instanceof HTMLButtonElement || control instanceof HTMLInputElement) &&
        /^(submit|image)$/.test(control.type),
    );
    if (button) button.click();
    else this.#form?.requestSubmit();
  }
}

/** What has no field of its own is corrected there. */
const ELSEWHERE: Readonly<Record<string, string>> = { network: "number", expiry: "year" };

/** A page's backend gives it as text. */
async function fetchContext(address: string): Promise<string> {
  const response = await fetch(address, { cache: "no-store" });
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return (await response.text()).trim();
}
