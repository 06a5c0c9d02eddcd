// One iframe of the vault in the merchant's page: made, connected at each load, removed. It never writes markup or a style attribute.

import { connect, type Link } from "../bridge.js";
import { CardsealError, type Code } from "../errors.js";
import type { FrameMessage, HostMessage, KindOf, OfKind } from "../messages.js";
import type { Texts } from "../texts.js";
import { type Deferred, defer } from "./deferred.js";
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

/** What a frame tells whoever made it. */
export interface FrameListener {
  /** By the kind of message, what is done when the frame says it. */
  readonly hears: {
    readonly [Kind in KindOf<FrameMessage>]?: (message: OfKind<FrameMessage, Kind>) => void;
  };
  /** A document came, the first or another. */
  loaded?(): void;
  /** Done instead of loading it anew, where a frame that speaks holds what is not to be lost. */
  again?(): void;
  /** The document was replaced: the page moved the element or navigated it. */
  reloaded(): void;
  /** It did not load. `arrived` where a document came, but for the vault's own in time. */
  missed(error: CardsealError, arrived: boolean): void;
  /** Whoever waits for it waits in vain. */
  failed?(error: CardsealError): void;
}

/** A frame, as the page has it in hand. */
export interface HostedFrame {
  readonly element: HTMLIFrameElement;
  /** Aborted when the frame is removed. */
  readonly gone: AbortSignal;
  /** Puts the frame into `parent`, once; hidden if it is given no height. */
  show(parent: Element, kind: string, height: string, place: Place, hash?: string): void;
  send(message: HostMessage): void;
  /** Settles once the frame can be used. */
  ready(): Promise<void>;
  /** It can be used. */
  succeed(): void;
  /** It cannot be used any more until it says so again. */
  reset(): void;
  /** Whoever waits for the frame waits in vain. */
  fail(error: CardsealError): void;
  /** Loads a frame anew that could not be used. */
  retry(): void;
  /** Leaves no listener, timer or port behind; whoever waits gets the error. */
  remove(error: CardsealError): void;
}

declare const CARDSEAL_RELEASE: string;

export function makeFrame({ hears, loaded, again, reloaded, missed, failed }: FrameListener): HostedFrame {
  const element = document.createElement("iframe");
  element.title = "Cardseal";
  const gone = new AbortController();
  let link: Link<HostMessage> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let state: "loading" | "up" | "failed" = "loading";
  let usable: Deferred<void>;
  /** To load it, one after the other in vain. */
  let tries = 0;
  let connected = false;
  let timeout = 0;

  function reset(): void {
    usable = defer();
  }

  function wait(limit = timeout): void {
    clearTimeout(timer);
    timer = setTimeout(() => fail(new CardsealError("frame_timeout")), limit);
  }

  function begin(): void {
    state = "loading";
    reset();
    wait();
  }

  function fail(error: CardsealError): void {
    usable.reject(error);
    if (state === "loading") {
      state = "failed";
      clearTimeout(timer);
      if (element.isConnected) {
        const pause = PAUSES[tries++];
        if (pause) timer = setTimeout(retry, pause);
        // Last: whoever is told may remove it, or try it again. One that speaks waits for something else, and that says why.
        if (!connected || error.code !== "frame_timeout") missed(error, link !== undefined);
      }
    }
    failed?.(error);
  }

  function retry(): void {
    if (state !== "failed") return;
    begin();
    if (connected && again) {
      again();
      return;
    }
    link?.close();
    link = undefined;
    connected = false;
    // Put where it stands, it loads; an address with a fragment, given again, does not.
    element.parentNode?.insertBefore(element, element.nextSibling);
  }

  reset();
  return {
    element,
    gone: gone.signal,
    reset,
    fail,
    retry,
    ready: () => usable.promise,
    send: (message) => link?.send(message),
    show: (parent, kind, height, place, hash = "") => {
      const { settings, form, merchant } = place;
      const connectAgain = (): void => {
        const wasUsed = link && timer === undefined;
        element.style.visibility = "";
        link?.close();
        connected = false;
        if (wasUsed) begin();
        // A document loads after its script has run: what does not answer then is something else than the vault's.
        if (state === "loading") wait(Math.min(timeout, ANSWER));
        link = connect(element, settings.vault, form, (message) => {
          if (!connected) {
            connected = true;
            if (state === "failed") begin();
            else if (state === "loading") wait();
          }
          if (message.kind === "ready") {
            clearTimeout(timer);
            timer = undefined;
          }
          if (message.kind === "texts") place.texts = message.texts;
          (hears[message.kind] as ((message: FrameMessage) => void) | undefined)?.(message);
        });
        loaded?.();
        // A browser's error page may load more than once; nothing is lost by that.
        if (wasUsed) reloaded();
      };
      element.addEventListener("load", connectAgain, { signal: gone.signal });
      Object.assign(element.style, {
        visibility: "hidden",
        border: 0,
        width: "100%",
        display: height ? "block" : "none",
        // The size the cardholder has set, whatever the page made of it: the frame's own text has it too.
        fontSize: "medium",
        height,
      });
      // Without it browsers fill only the field that the cardholder chose from, and warn about the others.
      element.allow = "autofill";
      element.src = `${settings.vault}/f/${merchant}/${CARDSEAL_RELEASE}/${kind}${height && `?locale=${encodeURIComponent(place.ranges)}`}${hash && `#${hash}`}`;
      timeout = settings.timeout;
      wait();
      parent.append(element);
    },
    succeed: () => {
      state = "up";
      tries = 0;
      usable.resolve();
      // If it came too late for those who waited, it is in time for whoever asks from now on.
      reset();
      usable.resolve();
    },
    remove: (error) => {
      clearTimeout(timer);
      gone.abort();
      link?.close();
      element.remove();
      fail(error);
    },
  };
}

/** Milliseconds after which what failed is tried again by itself, one after the other. */
export const PAUSES = [2000, 4000, 8000];
/** Milliseconds that a document may take to answer. */
const ANSWER = 3000;

/**
 * What the cardholder reads of a code: the page's words, or those of the language, which come before any error. Nothing of a
 * code that is not of their input.
 */
export function sentenceOf(code: Code, place: Place | undefined): string {
  return place?.settings.messages[code] ?? place?.texts[code] ?? "";
}

/** What is wanted where the page's developer said this; `auto` is the page's language at this moment. */
export function rangesOf(locale: string): string {
  const wanted = locale === "auto" ? [document.documentElement.lang, navigator.language] : [locale];
  return wanted.filter(Boolean).join().slice(0, 200);
}
