// A frame's document: the inputs that its address asks for, one or those of a card, and what the page says to them together.
// It must never tell the page more than each field does, and how much room they take.

import { accept, type Link } from "../bridge.js";
import { one } from "../members.js";
import { FIELDS, type FrameMessage, LAYOUTS, parseFieldMessage } from "../messages.js";
import { FROM_FRAME, type Texts } from "../texts.js";
import { watchCover } from "./covered.js";
import { type Field, makeField } from "./field.js";
import { type Input, makeInput } from "./input.js";
import { type Place, placeOf } from "./peers.js";
import { applyLook, applyStyle } from "./style.js";
import { readTexts } from "./texts.js";

/** The height of a line of error, as the style sheet has it, in rem. */
const LINE = 1.375;

function openFrame(place: Place, inputs: readonly Input[]): void {
  const row = document.createElement("section");
  const errors = document.createElement("section");
  let fields: readonly Field[] = [];
  let link: Link<FrameMessage> | undefined;
  let texts: Texts = {};
  let own: Texts = {};
  let size = "";

  function attach(): boolean {
    const attached = fields.map((field) => field.attach()).every(Boolean);
    if (attached) link?.send({ v: 1, kind: "ready" });
    return attached;
  }

  /** The focus goes to the next field that can have it, here or beyond. */
  function advance(from: number): void {
    const next = inputs.slice(from).find(({ element }) => !element.disabled);
    if (next) next.element.focus();
    else link?.send({ v: 1, kind: "advance" });
  }

  function write(): void {
    const name = `${place.kind}_label`;
    // Until its texts are there, a document has the title that the vault gave it.
    document.title = own[name] ?? texts[name] ?? document.title;
    for (const input of inputs) input.speak(texts, own);
  }

  function tell(): void {
    const told = Object.fromEntries(Object.entries(texts).filter(([, text]) => FROM_FRAME.test(text)));
    link?.send({ v: 1, kind: "texts", texts: told });
  }

  /** What month and year, or others, say alike is seen once; each input is described by its own all the same. */
  function spare(): void {
    const said = new Set<string | null>();
    for (const { error } of inputs) {
      error.hidden = error.textContent !== "" && said.has(error.textContent);
      said.add(error.textContent);
    }
  }

  /** How many rows of inputs there are, and lines of errors below them: neither depends on what was typed but by its error. */
  function measure(): void {
    // Nothing is as high as this where the frame is not shown.
    if (errors.offsetHeight === 0) return;
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const rows = new Set(inputs.map(({ box }) => box.offsetTop)).size;
    const lines = Math.min(Math.ceil(errors.offsetHeight / (LINE * rem) - 0.2), 9);
    const measured = `${rows} ${lines}`;
    if (measured === size) return;
    size = measured;
    link?.send({ v: 1, kind: "size", rows, lines });
  }

  row.append(...inputs.map(({ box }) => box));
  errors.append(...inputs.map(({ error }) => error));
  errors.id = "errors";
  new MutationObserver(spare).observe(errors, { childList: true, subtree: true });
  document.body.append(row, errors);
  const speakIn = readTexts((read) => {
    texts = read;
    tell();
    write();
  });
  accept(parseFieldMessage, (opened, { form }) => {
    link = opened;
    fields = inputs.map((input, at) => makeField(place, form, input, opened, () => advance(at + 1)));
    tell();
    // Whoever of the two frames comes second finds the first: this one now, or when the page says that the other is there.
    attach();
    const observer = new ResizeObserver(measure);
    for (const element of [row, errors]) observer.observe(element);
    watchCover(row, (covered) => opened.send({ v: 1, kind: "covered", covered }));
    return (message) => {
      switch (message.kind) {
        case "set": {
          const { layout = "auto" } = message;
          const { classList } = document.documentElement;
          for (const name of LAYOUTS) classList.toggle(name, name === layout);
          for (const field of fields) field.set(message);
          break;
        }
        case "speak":
          own = message.messages;
          write();
          speakIn(message.ranges);
          break;
        case "look":
          applyLook(message);
          break;
        case "attach":
          if (!attach()) opened.send({ v: 1, kind: "lost" });
          break;
        case "focus":
          // Of several, the first that is wrong, else the first that is not right yet.
          (
            fields.find((field) => field.change().error) ??
            fields.find((field) => !field.change().complete) ??
            fields[0]
          )?.focus();
          break;
        default:
          for (const field of fields) field[message.kind]();
      }
    };
  });
}

const place = placeOf(location.pathname);
const asked = location.hash.slice(1).split(",");
const wanted = place?.kind === "card" ? asked : [place?.kind];
const names = [...new Set(wanted)].flatMap((name) => one(FIELDS, name) ?? []);
if (place && names.length > 0) {
  applyStyle(asked.includes("dark"));
  openFrame(
    place,
    names.map((name) => makeInput(name, asked.includes("select"))),
  );
}
