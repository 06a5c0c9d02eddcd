// What a field may look like, as it crosses from the page to a frame: a closed list of properties, states, conditions and
// values. Both sides parse by it. Nothing here writes CSS text, and no value that passes can load, position or animate for long.

import { membersOf } from "./members.js";

/** One declaration: `""`, or `@media` or `@container` with its conditions, `""` or states of the input, the property, the value. */
export type Declaration = readonly [media: string, state: string, name: string, value: string];

/** What the page asks of a frame's looks. */
export interface Look {
  readonly dark: boolean;
  readonly contrast: boolean;
  /** A later one wins over an earlier one of the same state. */
  readonly style: readonly Declaration[];
}

/** Whether it is exactly one declaration of the closed list. */
export function isDeclaration(value: unknown): value is Declaration {
  return (
    Array.isArray(value) &&
    value.length === SHAPE.length &&
    SHAPE.every((fits, index) => typeof value[index] === "string" && fits(value[index]))
  );
}

/** A list of declarations; those that do not fit are dropped. `undefined` if there are too many. */
export function parseDeclarations(value: unknown): readonly Declaration[] | undefined {
  const style = [...membersOf(value).values()];
  return style.length > MOST ? undefined : style.filter(isDeclaration);
}

/** What fields need is a tenth of it. */
const MOST = 500;

const TOKENS = "text|soft|edge|face|focus|wrong|right|line|radius|font|size|padding|icon";
const SIDE = "-(top|right|bottom|left)";
const FLOW = `(${SIDE}|-(inline|block)(-(start|end))?)?`;
const SIZE = "\\(m(in|ax)-(width|height): ?\\d{1,4}(px|r?em)\\)";
const CONDITION = `(${SIZE}|\\((prefers-(reduced-motion|contrast)|hover|pointer|forced-colors|orientation): ?[a-z-]+\\))`;

const MEDIA = /* @__PURE__ */ new RegExp(
  `^(@media ${CONDITION}( and ${CONDITION})*|@container ${SIZE}( and ${SIZE})*)?$`,
  "i",
);
const STATE = /^(:(hover|focus|disabled|autofill|empty|complete|invalid)){0,3}(::(placeholder|selection))?$/i;
const NAME = /* @__PURE__ */ new RegExp(
  `^(--(${TOKENS})|color|opacity|cursor|appearance|background(-color)?|(caret|accent)-color|((min|max)-|line-)?height|(box|text)-shadow|(letter|word)-spacing|font(-(family|feature-settings|kerning|optical-sizing|size(-adjust)?|stretch|style|weight|variation-settings|variant(-(alternates|caps|east-asian|ligatures|numeric))?))?|text-(align|indent|overflow|rendering|transform|decoration(-(color|line|style|thickness))?)|(margin|padding)${FLOW}|border(${SIDE})?(-(color|style|width))?|border(-(top|bottom)-(left|right))?-radius|outline(-(color|offset|style|width))?|transition(-(delay|duration|property|timing-function))?|-webkit-(font-smoothing|tap-highlight-color|text-fill-color)|-moz-osx-font-smoothing)$`,
  "i",
);

/** Quoted names, and the opening of every function there may be; of variables only ours. */
const OPENING = /* @__PURE__ */ new RegExp(
  `(["'])[\\w .-]*\\1|\\b((rgba?|hsla?|hwb|(ok)?l(ab|ch)|color(-mix)?|light-dark|calc|min|max|clamp|cubic-bezier|steps)\\(|var\\((?=--(${TOKENS})[,)]))`,
  "g",
);
/** A word, a colour, a number with or without a unit, or the sign of a sum. */
const PART =
  /^(|[-+]|-{0,2}[a-z][\w-]*|#[\da-f]{3,8}|[-+]?(\d{1,3}(\.\d{1,4})?|\.\d{1,4})(%|px|r?em|ex|ch|pt|v[hw]|deg|m?s)?)$/i;

const SHAPE: readonly ((text: string) => boolean)[] = [
  (media) => MEDIA.test(media),
  (state) => STATE.test(state),
  (name) => NAME.test(name),
  (value) =>
    value.length < 200 &&
    value
      .replace(OPENING, "")
      .split(/[ ,/)]/)
      .every((part) => PART.test(part)),
];
