// A promise that is settled from outside. A rejection that nobody awaits is no event on the merchant's page.

export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => {});
  }
}

/** The same promise, but for one that takes more than these milliseconds: that rejects with `late`. */
export async function within<T>(milliseconds: number, late: Error, promise: Promise<T>): Promise<T> {
  const limit = new Deferred<never>();
  const timer = setTimeout(() => limit.reject(late), milliseconds);
  try {
    return await Promise.race([promise, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
