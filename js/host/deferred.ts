// A promise that is settled from outside. A rejection that nobody awaits is no event on the merchant's page.

export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export function defer<T>(): Deferred<T> {
  let resolve!: Deferred<T>["resolve"];
  let reject!: Deferred<T>["reject"];
  const promise = new Promise<T>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise: quiet(promise), resolve, reject };
}

/** The same promise, whose rejection is no event even if nobody awaits it. */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** The same promise, but for one that takes more than these milliseconds: that rejects with `late`. */
export async function within<T>(milliseconds: number, late: Error, promise: Promise<T>): Promise<T> {
  const limit = defer<never>();
  const timer = setTimeout(limit.reject, milliseconds, late);
  try {
    return await Promise.race([promise, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
