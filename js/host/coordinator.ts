// The coordinator, seen from the page: one hidden frame that gets contexts and gives tokens. It notices when it is gone.

import { CardsealError } from "../errors.js";
import type { FieldName, Token } from "../messages.js";
import type { Context } from "./context.js";
import { type Deferred, defer } from "./deferred.js";
import { type HostedFrame, makeFrame, type Place, sentenceOf } from "./frame.js";

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

export interface Coordinator extends Pick<HostedFrame, "ready" | "retry" | "remove"> {
  /** Says so if the page has removed the frame. */
  check(): void;
  /** Hands a context over; gives the seconds until it expires once the coordinator has verified it. */
  offer(context: Context): Promise<number>;
  tokenize(id: number): Promise<Token>;
  abort(id: number): void;
}

export function makeCoordinator(
  place: Place,
  { ready, lost, filled, missed }: CoordinatorListener,
): Coordinator {
  let offered: Deferred<number> | undefined;
  let call: ({ readonly id: number } & Deferred<Token>) | undefined;
  const frame = makeFrame({
    hears: {
      ready: () => {
        frame.succeed();
        ready();
      },
      accepted: ({ remaining }) => offered?.resolve(remaining),
      // Without an engine there is nobody to offer a context to.
      refused: ({ code }) => frame.fail(new CardsealError(code)),
      token: ({ id, token }) => {
        if (id === call?.id) call.resolve(token);
      },
      failed: ({ id, code, field }) => {
        if (id === call?.id)
          call.reject(new CardsealError(code, { field, message: sentenceOf(code, place) }));
      },
      autofill: ({ fields }) => filled(fields),
      lost,
    },
    reloaded: lost,
    missed,
    failed: (error) => {
      offered?.reject(error);
      call?.reject(error);
    },
  });
  const { element, send } = frame;
  const check = (): void => {
    if (!element.isConnected) lost();
  };
  frame.show(document.body, "coordinator", "", place);
  const observer = new MutationObserver(check);
  observer.observe(document.body, { childList: true });
  return {
    ...frame,
    check,
    remove: (error) => {
      observer.disconnect();
      frame.remove(error);
    },
    offer: async (context) => {
      // One at a time: an answer does not say which offer it is for.
      await offered?.promise.catch(() => {});
      offered = defer();
      const age = Math.floor((performance.now() - context.arrived) / 1000);
      send({ v: 1, kind: "context", context: context.text, age });
      return offered.promise;
    },
    tokenize: (id) => {
      call = { id, ...defer<Token>() };
      send({ v: 1, kind: "tokenize", id });
      return call.promise;
    },
    abort: (id) => send({ v: 1, kind: "abort", id }),
  };
}
