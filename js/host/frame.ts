// One iframe of the vault in the merchant's page: made, connected at each load, removed. It never writes markup or a style attribute.

import { connect, type FrameMessage, type HostMessage, type Link } from "../bridge.js";
import { CardsealError } from "../errors.js";
import { Deferred } from "./deferred.js";
import type { Settings } from "./options.js";

/** Whose frames these are. */
export interface Place {
  readonly settings: Settings;
  readonly form: string;
  readonly merchant: string;
}

declare const CARDSEAL_RELEASE: string;

export abstract class HostedFrame {
  protected readonly element = document.createElement("iframe");
  #link: Link<HostMessage> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #load: (() => void) | undefined;
  #state: "loading" | "up" | "failed" = "loading";
  #timeout = 0;
  /** Whether the frame can be used. */
  protected usable = new Deferred<void>();

  protected abstract hear(message: FrameMessage): void;
  /** The document was replaced: the page moved the element or navigated it. */
  protected abstract reloaded(): void;

  /** Settles once the frame can be used. */
  get ready(): Promise<void> {
    return this.usable.promise;
  }

  /** Puts the frame into `parent`, hidden if it is given no height. Once it is there, this does nothing. */
  protected show(parent: Element, kind: string, title: string, height: string, place: Place): void {
    if (this.#load) return;
    const { settings, form, merchant } = place;
    this.#load = () => {
      const wasUsed = this.#link && this.#timer === undefined;
      this.element.style.visibility = "";
      this.#link?.close();
      this.#link = connect(this.element, settings.vault, form, (message) => {
        if (message.kind === "ready") {
          clearTimeout(this.#timer);
          this.#timer = undefined;
        }
        this.hear(message);
      });
      // A browser's error page may load more than once; nothing is lost by that.
      if (wasUsed) this.reloaded();
    };
    const { element } = this;
    element.addEventListener("load", this.#load);
    element.title = title;
    // Without it browsers fill only the field that the cardholder chose from, and warn about the others.
    element.allow = "autofill";
    const dark = height && isDark(parent);
    const { style } = element;
    // Where the scheme of a frame is not that of its element, browsers paint the frame's ground.
    style.colorScheme = dark ? "dark" : "light";
    style.visibility = "hidden";
    style.border = "0";
    style.width = "100%";
    style.display = height ? "block" : "none";
    // The size the cardholder has set, whatever the page made of it: the frame's own text has it too.
    style.fontSize = "medium";
    style.height = height;
    element.src = `${settings.vault}/f/${merchant}/${CARDSEAL_RELEASE}/${kind}${dark ? "#dark" : ""}`;
    this.#timeout = settings.timeout;
    this.#wait();
    parent.append(element);
  }

  /** Loads a frame anew that could not be used. */
  retry(): void {
    if (this.#state !== "failed") return;
    this.#state = "loading";
    this.usable = new Deferred();
    this.#wait();
    const { src } = this.element;
    this.element.src = src;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.fail(new CardsealError("frame_timeout")), this.#timeout);
  }

  protected send(message: HostMessage): void {
    this.#link?.send(message);
  }

  protected succeed(): void {
    this.#state = "up";
    this.usable.resolve();
    // If it came too late for those who waited, it is in time for whoever asks from now on.
    this.usable = new Deferred();
    this.usable.resolve();
  }

  /** Whoever waits for the frame waits in vain. */
  protected fail(error: CardsealError): void {
    if (this.#state === "loading") this.#state = "failed";
    this.usable.reject(error);
  }

  /** Leaves no listener, timer or port behind; whoever waits gets the error. */
  remove(error: CardsealError): void {
    clearTimeout(this.#timer);
    if (this.#load) this.element.removeEventListener("load", this.#load);
    this.#link?.close();
    this.element.remove();
    this.fail(error);
  }
}

/** Whether the page shows the element in its dark scheme, as far as it has one. */
function isDark(element: Element): boolean {
  let schemes = getComputedStyle(element).colorScheme;
  // Without a style of its own the page has the schemes that its meta element names.
  if (schemes === "normal")
    schemes = document.querySelector<HTMLMetaElement>("meta[name=color-scheme]")?.content ?? "";
  return (
    schemes.includes("dark") &&
    (!schemes.includes("light") || matchMedia("(prefers-color-scheme: dark)").matches)
  );
}
