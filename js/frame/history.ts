// What the cardholder can take back and do again. A browser forgets its own history whenever a text is regrouped.
// It never outlives what the field holds: a field that is cleared or left behind cannot be brought back by a key.

/** What an input held, and where its caret stood. */
export interface State {
  readonly text: string;
  readonly caret: number;
}

/** Steps that are kept. */
const MOST = 100;

export class History {
  #past: State[] = [];
  #future: State[] = [];

  /** The input held this before an edit. */
  add(before: State): void {
    this.#past = [...this.#past.slice(1 - MOST), before];
    this.#future = [];
  }

  /** One step back, or forward again, from what the input holds now; nothing if there is none. */
  step(back: boolean, now: State): State | undefined {
    const [from, to] = back ? [this.#past, this.#future] : [this.#future, this.#past];
    const state = from.pop();
    if (state) to.push(now);
    return state;
  }

  clear(): void {
    this.#past = [];
    this.#future = [];
  }
}

/** Whether an event asks for a step: back (true) or forward (false). */
export function stepOf(event: Event): boolean | undefined {
  if (event instanceof InputEvent) {
    return { historyUndo: true, historyRedo: false }[event.inputType];
  }
  if (!(event instanceof KeyboardEvent) || event.isComposing || event.altKey) return undefined;
  if (event.ctrlKey === event.metaKey) return undefined;
  // The letter on the key, or what stands in its place where letters are not Latin.
  const letter = (/^[a-z]$/i.test(event.key) ? event.key : event.code.slice(-1)).toLowerCase();
  if (letter === "z") return !event.shiftKey;
  return letter === "y" ? false : undefined;
}
