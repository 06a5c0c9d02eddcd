// Whether something of the page's lies over the frame, as the browser sees it, which the page cannot forge
// (IntersectionObserver v2). It only tells: it must never hold up or stop what the cardholder does.

/** Tells whenever an element comes to be covered and whenever it is free again; nothing where the browser cannot know. */
export function watchCover(element: Element, tell: (covered: boolean) => void): void {
  let covered = false;
  let told = false;
  const seen = (
    entries: readonly { readonly isIntersecting: boolean; readonly isVisible?: boolean }[],
  ): void => {
    const last = entries.at(-1);
    // What is scrolled out, or not displayed, is not covered.
    covered = last?.isIntersecting === true && last.isVisible === false;
    // Of a frame that is no longer displayed the browser says for a moment that it is not seen.
    setTimeout(() => {
      if (covered === told) return;
      told = covered;
      tell(told);
    }, 250);
  };
  const options: IntersectionObserverInit & Record<string, unknown> = { trackVisibility: true, delay: 100 };
  new IntersectionObserver(seen, options).observe(element);
}
