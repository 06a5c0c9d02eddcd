// The origin of a vault, as a developer writes it. What is none is never told: it could be anything.

/** `http` is taken for the loopback host only. */
const ORIGIN = /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$))/;

/** The origin, if it is one with nothing behind it. */
export function parseOrigin(value: unknown): string | undefined {
  try {
    const { href, origin } = new URL(String(value));
    if (href === `${origin}/` && ORIGIN.test(origin)) return origin;
  } catch {
    // Not a URL: the caller says what it should be.
  }
  return undefined;
}
