// The focus where a script gets none: WebKit refuses it in a frame that the cardholder has not touched. It must never take the
// focus from another input.

/** The one that was asked for last. */
let wanted: HTMLElement | undefined;

/** The next key is a touch, and goes to this element. */
export function focusByKey(element: HTMLElement): void {
  wanted = element;
  addEventListener("keydown", touched, { once: true });
}

function touched({ key }: KeyboardEvent): void {
  if (key !== "Tab" && document.activeElement === document.body) wanted?.focus();
}
