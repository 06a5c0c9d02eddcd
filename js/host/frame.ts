// One iframe of the vault in the merchant's page: made, connected at each load, removed. It never writes markup or a style attribute.

import { connect, type Link } from "../bridge.js";
import { CardsealError, type InputCode } from "../errors.js";
import type { FrameMessage, HostMessage } from "../messages.js";
import type { Texts } from "../texts.js";
import { Deferred } from "./deferred.js";
import type { Settings } from "./options.js";

/** Whose frames these are. */
export interface Place {
  readonly settings: Settings;
  readonly form: string;
  readonly merchant: string;
  /** Language ranges (RFC 4647), the most wanted first: the vault has the list that they are looked up in. */
  ranges: string;
  /** What fields say in the cardholder's language, as the last of them told. */
  texts: Texts;
}

declare const CARDSEAL_RELEASE: string;

export abstract class HostedFrame {
  protected readonly element = document.createElement("iframe");
  #link: Link<HostMessage> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #load: (() => void) | undefined;
  #state: "loading" | "up" | "failed" = "loading";
  #timeout = 0;
  #tries = 0;
  #connected = false;
  protected place: Place | undefined;
  /** Whether the frame can be used. */
  protected usable = new Deferred<void>();

  protected abstract hear(message: FrameMessage): void;
  /** The document was replaced: the page moved the element or navigated it. */
  protected abstract reloaded(): void;
  /** It did not load. `arrived` where a document came, but for the vault's own in time. */
  protected abstract missed(error: CardsealError, arrived: boolean): void;
  /** A document came, the first or another. */
  protected loaded(): void {}

  /** Settles once the frame can be used. */
  get ready(): Promise<void> {
    return this.usable.promise;
  }

  /** Puts the frame into `parent`, hidden if it is given no height. Once it is there, this does nothing. */
  protected show(
    parent: Element,
    kind: string,
    title: string,
    height: string,
    place: Place,
    hash = "",
  ): void {
    if (this.#load) return;
    const { settings, form, merchant } = place;
    this.place = place;
    this.#load = () => {
      const wasUsed = this.#link && this.#timer === undefined;
      this.element.style.visibility = "";
      this.#link?.close();
      this.#connected = false;
      this.#link = connect(this.element, settings.vault, form, (message) => {
        this.#connected = true;
        if (message.kind === "ready") {
          clearTimeout(this.#timer);
          this.#timer = undefined;
        }
        if (message.kind === "texts") place.texts = message.texts;
        this.hear(message);
      });
      this.loaded();
      // A browser's error page may load more than once; nothing is lost by that.
      if (wasUsed) this.reloaded();
    };
    const { element } = this;
    element.addEventListener("load", this.#load);
    element.title = title;
    // Without it browsers fill only the field that the cardholder chose from, and warn about the others.
    element.allow = "autofill";
    const { style } = element;
    style.visibility = "hidden";
    style.border = "0";
    style.width = "100%";
    style.display = height ? "block" : "none";
    // The size the cardholder has set, whatever the page made of it: the frame's own text has it too.
    style.fontSize = "medium";
    style.height = height;
    element.src = `${settings.vault}/f/${merchant}/${CARDSEAL_RELEASE}/${kind}${height && `?locale=${encodeURIComponent(place.ranges)}`}${hash && `#${hash}`}`;
    this.#timeout = settings.timeout;
    this.#wait();
    parent.append(element);
  }

  /** Loads a frame anew that could not be used. */
  retry(): void {
    if (this.#state !== "failed") return;
    this.#state = "loading";
    this.usable = new Deferred();
    this.#link?.close();
    this.#link = undefined;
    this.#wait();
    // Put where it stands, it loads; an address with a fragment, given again, does not.
    const { parentNode, nextSibling } = this.element;
    parentNode?.insertBefore(this.element, nextSibling);
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.fail(new CardsealError("frame_timeout")), this.#timeout);
  }

  /** The page's, or the cardholder's language's, which comes before any error. */
  protected sentence(code: InputCode): string {
    return this.place?.settings.messages[code] ?? this.place?.texts[code] ?? "";
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
    this.usable.reject(error);
    if (this.#state !== "loading") return;
    this.#state = "failed";
    if (!this.element.isConnected) return;
    // One that speaks waits for something else, and that says why.
    if (!this.#connected || error.code !== "frame_timeout") this.missed(error, this.#link !== undefined);
    if (this.#tries < RETRIES) this.#timer = setTimeout(() => this.retry(), PAUSE * 2 ** this.#tries++);
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

/** Times that a frame is loaded again by itself, after 2, 4 and 8 seconds. */
const RETRIES = 3;
/** Milliseconds. */
const PAUSE = 2000;

/** What is wanted where the page's developer said this; `auto` is the page's language at this moment. */
export function rangesOf(locale: string): string {
  const wanted = locale === "auto" ? [document.documentElement.lang, navigator.language] : [locale];
  return wanted.filter(Boolean).join().slice(0, 200);
}
