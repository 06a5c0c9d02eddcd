// A frame's document: the inputs that its address asks for, one or those of a card, and what the page says to them together.
// It must never tell the page more than each field does, and how much room they take.

import { accept, type Link } from "../bridge.js";
import { one } from "../members.js";
import { FIELDS, type FieldMessage, type FrameMessage, LAYOUTS, parseFieldMessage } from "../messages.js";
import { FROM_FRAME, type Texts } from "../texts.js";
import { watchCover } from "./covered.js";
import { Field } from "./field.js";
import { Input } from "./input.js";
import { type Place, placeOf } from "./peers.js";
import { applyLook, applyStyle } from "./style.js";
import { readTexts } from "./texts.js";

class Frame {
  readonly #kind: string;
  readonly #inputs: readonly Input[];
  readonly #row = document.createElement("section");
  readonly #errors = document.createElement("section");
  #fields: readonly Field[] = [];
  #link: Link<FrameMessage> | undefined;
  #texts: Texts = {};
  #own: Texts = {};
  #size = "";

  constructor(kind: string, inputs: readonly Input[]) {
    this.#kind = kind;
    this.#inputs = inputs;
    this.#row.append(...inputs.map(({ box }) => box));
    this.#errors.append(...inputs.map(({ error }) => error));
    this.#errors.id = "errors";
    new MutationObserver(() => this.#spare()).observe(this.#errors, { childList: true, subtree: true });
    document.body.append(this.#row, this.#errors);
  }

  speak(texts: Texts): void {
    this.#texts = texts;
    this.#tell();
    this.#write();
  }

  open(link: Link<FrameMessage>, place: Place, form: string): void {
    this.#link = link;
    this.#fields = this.#inputs.map(
      (input, at) => new Field(place, form, input, link, () => this.#advance(at + 1)),
    );
    this.#tell();
    // Whoever of the two frames comes second finds the first: this one now, or when the page says that the other is there.
    this.#attach();
    const observer = new ResizeObserver(() => this.#measure(link));
    for (const element of [this.#row, this.#errors]) observer.observe(element);
    watchCover(this.#row, (covered) => link.send({ v: 1, kind: "covered", covered }));
  }

  hear(message: FieldMessage): void {
    switch (message.kind) {
      case "set": {
        const { layout = "auto" } = message;
        const { classList } = document.documentElement;
        for (const name of LAYOUTS) classList.toggle(name, name === layout);
        for (const field of this.#fields) field.set(message);
        break;
      }
      case "speak":
        this.#own = message.messages;
        this.#write();
        speakIn(message.ranges);
        break;
      case "look":
        applyLook(message);
        break;
      case "attach":
        if (!this.#attach()) this.#link?.send({ v: 1, kind: "lost" });
        break;
      case "focus":
        // Of several, the first that is not right yet.
        (this.#fields.find(({ complete }) => !complete) ?? this.#fields[0])?.focus();
        break;
      default:
        for (const field of this.#fields) field[message.kind]();
    }
  }

  #attach(): boolean {
    const attached = this.#fields.map((field) => field.attach()).every(Boolean);
    if (attached) this.#link?.send({ v: 1, kind: "ready" });
    return attached;
  }

  /** The focus goes to the next field that can have it, here or beyond. */
  #advance(from: number): void {
    const next = this.#inputs.slice(from).find(({ element }) => !element.disabled);
    if (next) next.element.focus();
    else this.#link?.send({ v: 1, kind: "advance" });
  }

  #write(): void {
    const name = `${this.#kind}_label`;
    // Until its texts are there, a document has the title that the vault gave it.
    document.title = this.#own[name] ?? this.#texts[name] ?? document.title;
    for (const input of this.#inputs) input.speak(this.#texts, this.#own);
  }

  #tell(): void {
    const texts = Object.fromEntries(Object.entries(this.#texts).filter(([, text]) => FROM_FRAME.test(text)));
    this.#link?.send({ v: 1, kind: "texts", texts });
  }

  /** What month and year, or others, say alike is seen once; each input is described by its own all the same. */
  #spare(): void {
    const said = new Set<string | null>();
    for (const { error } of this.#inputs) {
      error.hidden = error.textContent !== "" && said.has(error.textContent);
      said.add(error.textContent);
    }
  }

  /** How many rows of inputs there are, and lines of errors below them: neither depends on what was typed but by its error. */
  #measure(link: Link<FrameMessage>): void {
    // Nothing is as high as this where the frame is not shown.
    if (this.#errors.offsetHeight === 0) return;
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const rows = new Set(this.#inputs.map(({ box }) => box.offsetTop)).size;
    const lines = Math.min(Math.ceil(this.#errors.offsetHeight / (LINE * rem) - 0.2), 9);
    const size = `${rows} ${lines}`;
    if (size === this.#size) return;
    this.#size = size;
    link.send({ v: 1, kind: "size", rows, lines });
  }
}

/** The height of a line of error, as the style sheet has it, in rem. */
const LINE = 1.375;

let speakIn: (ranges: string) => void = () => {};

const place = placeOf(location.pathname);
const asked = location.hash.slice(1).split(",");
const wanted = place?.kind === "card" ? asked : [place?.kind];
const names = [...new Set(wanted)].flatMap((name) => one(FIELDS, name) ?? []);
if (place && names.length > 0) {
  applyStyle(asked.includes("dark"));
  const frame = new Frame(
    place.kind,
    names.map((name) => new Input(name, asked.includes("select"))),
  );
  speakIn = readTexts((texts) => frame.speak(texts));
  accept(parseFieldMessage, (link, { form }) => {
    frame.open(link, place, form);
    return (message) => frame.hear(message);
  });
}
