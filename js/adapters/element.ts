// What the custom elements have in common. On a server there is no HTMLElement, and none of them is ever made.

/** HTMLElement, where there is one. */
export const Base: typeof HTMLElement =
  typeof HTMLElement === "undefined" ? (class {} as typeof HTMLElement) : HTMLElement;

/** Frames are as wide as what they stand in, which has to be a block for that. Any style of the page's is stronger. */
export function makeBlocks(element: Element): void {
  const root = element.getRootNode() as Document | ShadowRoot;
  sheet ??= new CSSStyleSheet();
  if (root.adoptedStyleSheets.includes(sheet)) return;
  sheet.replaceSync(`:where(card-form,${TAGS.map((tag) => `card-${tag}`)}){display:block}`);
  root.adoptedStyleSheets.push(sheet);
}

/** What a framework set before the element was defined goes through its setter now. */
export function adopt<Name extends string>(element: { [property in Name]?: unknown }, names: Name[]): void {
  for (const name of names) {
    if (!Object.hasOwn(element, name)) continue;
    const value = element[name];
    delete element[name];
    element[name] = value;
  }
}

let sheet: CSSStyleSheet | undefined;

const TAGS = ["number", "expiry", "month", "year", "cvc", "name", "postal-code", "combined"];
