/** An input as a test follows it: what a browser does to its text, and what the engine makes of that. */
import type { Form } from "../js/engine.ts";
import type { Field } from "./checkout.ts";

/** Numbers that a seed repeats. */
export function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What the browser does to a text, followed by the same engine that the frames run. */
export class Model {
  text = "";
  anchor = 0;
  focus = 0;
  #clipboard = "";
  #past: { text: string; caret: number }[] = [];
  #future: { text: string; caret: number }[] = [];

  constructor(
    readonly form: Form,
    readonly field: Field,
  ) {}

  get start(): number {
    return Math.min(this.anchor, this.focus);
  }

  get end(): number {
    return Math.max(this.anchor, this.focus);
  }

  get selected(): string {
    return this.text.slice(this.start, this.end);
  }

  shown(): string {
    const { text, start, end } = this;
    if (start === end) return `${text.slice(0, start)}|${text.slice(start)}`;
    return `${text.slice(0, start)}[${text.slice(start, end)}]${text.slice(end)}`;
  }

  #engine(text: string, caret: number, edit: string): void {
    const edited = this.form.edit(this.field, text, caret, edit);
    this.text = edited.text;
    this.anchor = this.focus = edited.caret;
  }

  #edit(text: string, caret: number, edit: string): void {
    const before = { text: this.text, caret: this.end };
    this.#engine(text, caret, edit);
    if (this.text === before.text) return;
    this.#past.push(before);
    this.#future = [];
  }

  insert(text: string): void {
    const { start, end } = this;
    this.#edit(this.text.slice(0, start) + text + this.text.slice(end), start + text.length, "insert");
  }

  remove(edit: "backward" | "forward"): void {
    let { start, end } = this;
    if (start === end && edit === "backward") start -= 1;
    if (start === end && edit === "forward") end += 1;
    if (start < 0 || end > this.text.length) return;
    this.#edit(this.text.slice(0, start) + this.text.slice(end), start, edit);
  }

  move(to: number, extends_: boolean): void {
    this.focus = Math.max(0, Math.min(to, this.text.length));
    if (!extends_) this.anchor = this.focus;
  }

  copy(): void {
    if (this.selected) this.#clipboard = this.selected;
  }

  /** As the frame does: whatever the engine heard meanwhile, it is one edit of what was there before. */
  compose(text: string): void {
    this.form.edit(this.field, this.text, 0, "replace");
    this.insert(text);
  }

  paste(): void {
    if (this.#clipboard) this.insert(this.#clipboard);
  }

  step(back: boolean): void {
    const [from, to] = back ? [this.#past, this.#future] : [this.#future, this.#past];
    const state = from.pop();
    if (!state) return;
    to.push({ text: this.text, caret: this.end });
    this.#engine(state.text, state.caret, "replace");
  }
}
