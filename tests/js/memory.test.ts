import { expect, test } from "@playwright/test";
import { freshEngine, issuedAt, merchant, origin, payload, repeatableRandomness, vault } from "./engine.ts";

// The random source is global to the process.
test.describe.configure({ mode: "serial" });

interface Typed {
  number: string;
  expiry: string;
  cvc: string;
  seed: number;
}

const typed: Typed = { number: "4242424242424242", expiry: "1229", cvc: "123", seed: 1 };

/** Types a card key by key with a typo and a Backspace, seals it, and answers the memory before and after clear(). */
async function memoryAfter({ number, expiry, cvc, seed }: Typed): Promise<{ before: Buffer; after: Buffer }> {
  const restore = repeatableRandomness(seed);
  try {
    const { engine, memory } = await freshEngine();
    const form = new engine.CardForm(2026, 11);
    for (const [field, digits] of Object.entries({ number, expiry, cvc })) {
      let text = "";
      for (const digit of digits) {
        text = form.edit(field, `${text}${digit}`, text.length + 1, "insert").text;
        form.view(field);
        form.report(field);
      }
      const shorter = text.slice(0, -1);
      text = form.edit(field, shorter, shorter.length, "backward").text;
      form.edit(field, `${text}${digits.at(-1)}`, text.length + 1, "insert");
    }
    form.accept(payload(), vault, merchant, origin);
    form.seal(issuedAt + 5);
    const before = Buffer.from(memory.buffer.slice(0));
    form.clear();
    return { before, after: Buffer.from(memory.buffer.slice(0)) };
  } finally {
    restore();
  }
}

function differingBytes(left: Buffer, right: Buffer): number {
  expect(left.length).toBe(right.length);
  return left.reduce((count, byte, index) => count + (byte === right[index] ? 0 : 1), 0);
}

const variations: [string, Partial<Typed>][] = [
  ["number", { number: "4000056655665556" }],
  ["expiry", { expiry: "1130" }],
  ["security code", { cvc: "987" }],
  ["content key", { seed: 2 }],
];

for (const [what, variation] of variations) {
  test(`after clear() the whole memory is the same whatever the ${what} was`, async () => {
    const one = await memoryAfter(typed);
    const other = await memoryAfter({ ...typed, ...variation });
    expect(differingBytes(one.after, other.after)).toBe(0);
  });
}

test("before clear() the memory does tell two numbers apart", async () => {
  const one = await memoryAfter(typed);
  const other = await memoryAfter({ ...typed, number: "4000056655665556" });
  expect(differingBytes(one.before, other.before)).toBeGreaterThan(0);
});

test("the content key is gone as soon as the card is sealed", async () => {
  const one = await memoryAfter(typed);
  const other = await memoryAfter({ ...typed, seed: 2 });
  expect(differingBytes(one.before, other.before)).toBe(0);
});
