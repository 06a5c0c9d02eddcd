// The coordinator, seen from the page: one hidden frame that gets contexts and gives tokens. It notices when it is gone.

import { CardsealError, isInputCode } from "../errors.js";
import type { FieldName, FrameMessage, Token } from "../messages.js";
import type { Context } from "./context.js";
import { Deferred } from "./deferred.js";
import { HostedFrame, type Place } from "./frame.js";

/** What a coordinator tells the form. */
export interface CoordinatorListener {
  /** It can be found by fields. */
  ready(): void;
  /** The page removed or navigated it, or its engine stopped. */
  lost(): void;
  /** The browser filled these. */
  filled(fields: readonly FieldName[]): void;
  /** It did not load. */
  missed(error: CardsealError, arrived: boolean): void;
}

export class Coordinator extends HostedFrame {
  readonly #observer = new MutationObserver(() => this.check());
  readonly #listener: CoordinatorListener;
  #offer: Deferred<number> | undefined;
  #call: { readonly id: number; readonly token: Deferred<Token> } | undefined;

  constructor(place: Place, listener: CoordinatorListener) {
    super();
    this.#listener = listener;
    this.show(document.body, "coordinator", "Cardseal", "", place);
    this.#observer.observe(document.body, { childList: true });
  }

  /** Says so if the page has removed the frame. */
  check(): void {
    if (!this.element.isConnected) this.#listener.lost();
  }

  /** Hands a context over; gives the seconds until it expires once the coordinator has verified it. */
  async offer(context: Context): Promise<number> {
    // One at a time: an answer does not say which offer it is for.
    await this.#offer?.promise.catch(() => {});
    this.#offer = new Deferred();
    const age = Math.floor((performance.now() - context.arrived) / 1000);
    this.send({ v: 1, kind: "context", context: context.text, age });
    return this.#offer.promise;
  }

  tokenize(id: number): Promise<Token> {
    this.#call = { id, token: new Deferred() };
    this.send({ v: 1, kind: "tokenize", id });
    return this.#call.token.promise;
  }

  abort(id: number): void {
    this.send({ v: 1, kind: "abort", id });
  }

  override remove(error: CardsealError): void {
    this.#observer.disconnect();
    super.remove(error);
  }

  protected hear(message: FrameMessage): void {
    switch (message.kind) {
      case "ready":
        this.succeed();
        this.#listener.ready();
        break;
      case "accepted":
        this.#offer?.resolve(message.remaining);
        break;
      case "refused":
        // Without an engine there is nobody to offer a context to.
        this.fail(new CardsealError(message.code));
        break;
      case "token":
        if (message.id === this.#call?.id) this.#call.token.resolve(message.token);
        break;
      case "failed":
        if (message.id === this.#call?.id) {
          const { code, field } = message;
          const details = { field, ...(isInputCode(code) && { message: this.sentence(code) }) };
          this.#call.token.reject(new CardsealError(code, details));
        }
        break;
      case "autofill":
        this.#listener.filled(message.fields);
        break;
      case "lost":
        this.#listener.lost();
    }
  }

  protected missed(error: CardsealError, arrived: boolean): void {
    this.#listener.missed(error, arrived);
  }

  protected reloaded(): void {
    this.#listener.lost();
  }

  protected override fail(error: CardsealError): void {
    super.fail(error);
    this.#offer?.reject(error);
    this.#call?.token.reject(error);
  }
}
