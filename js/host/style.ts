// Themes and styles as the page's developer gives them. A wrong one is refused by the name of its property, never by its value.

import { type Declaration, isDeclaration } from "../bridge-style.js";
import { refuse } from "../errors.js";
import { one } from "../members.js";
import { DEVELOPMENT } from "../sentences.js";

/**
 * How fields look before any style: `"light"`, `"dark"`, `"contrast"` (strong edges and text, in the page's scheme) or
 * `"auto"`, which follows the page's `color-scheme` at run time and a system that asks for more contrast.
 */
export type Theme = "auto" | "light" | "dark" | "contrast";

type Side = "Top" | "Right" | "Bottom" | "Left";
type Flow = "" | Side | `${"Inline" | "Block"}${"" | "Start" | "End"}`;

/** Properties that a field can be given, and the tokens of the themes (`--text` and so on). */
export type StyleProperty =
  | `--${"text" | "soft" | "edge" | "face" | "focus" | "wrong" | "right"}`
  | `--${"line" | "radius" | "font" | "size" | "padding" | "icon"}`
  | "color"
  | "opacity"
  | "cursor"
  | "appearance"
  | `background${"" | "Color"}`
  | `${"caret" | "accent"}Color`
  | "height"
  | `${"min" | "max" | "line"}Height`
  | `${"box" | "text"}Shadow`
  | `${"letter" | "word"}Spacing`
  | "font"
  | `font${"Family" | "FeatureSettings" | "Kerning" | "OpticalSizing" | "Size" | "SizeAdjust" | "Stretch"}`
  | `font${"Style" | "Weight" | "VariationSettings"}`
  | `fontVariant${"" | "Alternates" | "Caps" | "EastAsian" | "Ligatures" | "Numeric"}`
  | `text${"Align" | "Indent" | "Overflow" | "Rendering" | "Transform"}`
  | `textDecoration${"" | "Color" | "Line" | "Style" | "Thickness"}`
  | `${"margin" | "padding"}${Flow}`
  | `border${"" | Side}${"" | "Color" | "Style" | "Width"}`
  | `border${"" | `${"Top" | "Bottom"}${"Left" | "Right"}`}Radius`
  | `outline${"" | "Color" | "Offset" | "Style" | "Width"}`
  | `transition${"" | "Delay" | "Duration" | "Property" | "TimingFunction"}`
  | `Webkit${"FontSmoothing" | "TapHighlightColor" | "TextFillColor"}`
  | "MozOsxFontSmoothing";

/** What a field's state is called in a style. States can be nested: `{ ":invalid": { ":focus": { … } } }`. */
export type StyleState =
  | `:${"hover" | "focus" | "disabled" | "autofill" | "empty" | "complete" | "invalid"}`
  | `::${"placeholder" | "selection"}`;

/**
 * A style: properties in camelCase or as in CSS, with the values they have in CSS, but for `url()`, variables other than
 * the tokens, and anything else that could load or hide something; states; and `"@container (max-width: 20em)"`, or
 * `"@media"` and the like, measured on the field's own frame. Lengths need a unit. A number has at most three digits
 * before its point.
 */
export type Style = { readonly [Name in StyleProperty]?: string | number | undefined } & {
  readonly [State in StyleState]?: Style | undefined;
} & { readonly [Condition in `@${"media" | "container"} ${string}`]?: Style | undefined };

type Mark = "empty" | "complete" | "invalid" | "focused";

const THEMES = ["auto", "light", "dark", "contrast"] as const satisfies Theme[];

export function parseTheme(value: unknown): Theme {
  return one(THEMES, value ?? "auto") ?? refuse(DEVELOPMENT && `\`theme\` must be ${THEMES.join(", ")}.`);
}

/**
 * The declarations of a style, in their order. What the closed list does not have is refused in a development build; in
 * another the frame, which has to look at it anyhow, leaves it out.
 */
export function parseStyle(style: unknown = {}, media = "", state = ""): Declaration[] {
  if (typeof style !== "object" || !style)
    refuse(DEVELOPMENT && `\`style\` must hold objects: ${media}${state}.`);
  return Object.entries(style).flatMap(([key, value]): Declaration[] => {
    if (value === undefined) return [];
    if (key.startsWith("@")) return parseStyle(value, key, state);
    if (key.startsWith(":")) return parseStyle(value, media, state + key);
    const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const declaration: Declaration = [media, state, name, typeof value === "object" ? "{" : `${value}`];
    if (DEVELOPMENT && !isDeclaration(declaration))
      refuse(`\`style\` cannot have this: ${[media, state, key].filter(Boolean).join(" ")}.`);
    return [declaration];
  });
}

/** Says by classes of the page's element how a field stands; of states that are not given they say what they said. */
export function mark({ classList }: Element, states: { readonly [Name in Mark]?: boolean }): void {
  for (const [state, holds] of Object.entries(states)) classList.toggle(`cardseal-${state}`, holds);
}

/** Whether the page shows the element in its dark scheme, as far as it has one, or the theme wants it. */
export function isDark(element: Element, theme: Theme): boolean {
  let schemes = getComputedStyle(element).colorScheme;
  // Without a style of its own the page has the schemes that its meta element names.
  if (schemes === "normal")
    schemes = document.querySelector<HTMLMetaElement>("meta[name=color-scheme]")?.content ?? "";
  if (theme === "light" || theme === "dark") schemes = theme;
  return (
    schemes.includes("dark") &&
    (!schemes.includes("light") || matchMedia("(prefers-color-scheme: dark)").matches)
  );
}
