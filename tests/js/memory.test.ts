import { expect, test } from "@playwright/test";
import {
  BUILDS,
  type Build,
  freshEngine,
  issuedAt,
  merchant,
  origin,
  payload,
  repeatableRandomness,
  vault,
} from "./engine.ts";

// The random source is global to the process.
test.describe.configure({ mode: "serial" });

/** UTF-16 units of a text that the engine is asked with, at most. */
const LONGEST = 1000;

interface Typed {
  number: string;
  expiry: string;
  cvc: string;
  seed: number;
}

const typed: Typed = { number: "4242424242424242", expiry: "1229", cvc: "123", seed: 1 };

/** Types a card key by key with a typo and a Backspace, seals it, and answers the memory before and after clear(). */
async function memoryAfter(
  build: Build,
  { number, expiry, cvc, seed }: Typed,
): Promise<{ before: Buffer; after: Buffer }> {
  const restore = repeatableRandomness(seed);
  try {
    const { formOf, memory } = await freshEngine(build);
    const form = formOf(2026, 11);
    for (const [field, digits] of Object.entries({ number, expiry, cvc })) {
      let text = "";
      for (const digit of digits) {
        text = form.edit(field, `${text}${digit}`, text.length + 1, "insert").text;
        form.view(field);
        form.report(field, []);
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

for (const build of BUILDS) {
  for (const [what, variation] of variations) {
    test(`${build}: after clear() the whole memory is the same whatever the ${what} was`, async () => {
      const one = await memoryAfter(build, typed);
      const other = await memoryAfter(build, { ...typed, ...variation });
      expect(differingBytes(one.after, other.after)).toBe(0);
    });
  }

  test(`${build}: before clear() the memory does tell two numbers apart`, async () => {
    const one = await memoryAfter(build, typed);
    const other = await memoryAfter(build, { ...typed, number: "4000056655665556" });
    expect(differingBytes(one.before, other.before)).toBeGreaterThan(0);
  });

  test(`${build}: the content key is gone as soon as the card is sealed`, async () => {
    const one = await memoryAfter(build, typed);
    const other = await memoryAfter(build, { ...typed, seed: 2 });
    expect(differingBytes(one.before, other.before)).toBe(0);
  });

  test(`${build}: the memory holds the largest of everything again and again, and never grows`, async () => {
    const { formOf, memory } = await freshEngine(build);
    const { buffer } = memory;
    const form = formOf(2026, 11);
    const largest = payload({ ref: "€".repeat(2000), origins: [origin, ...Array(300).fill(vault)] });
    for (let times = 0; times < 50; times++) {
      for (const field of ["number", "expiry", "cvc", "name", "postal_code"])
        form.edit(field, `4€${"é".repeat(LONGEST - 2)}`, LONGEST, "replace");
      try {
        form.accept(largest, vault, merchant, origin);
      } catch (thrown) {
        // Whether a context may be so large is not the question here.
        expect(thrown).toMatchObject({ code: "context_malformed" });
      }
    }
    for (const [field, text] of [
      ["number", typed.number],
      ["expiry", typed.expiry],
      ["cvc", typed.cvc],
      ["name", ""],
      ["postal_code", ""],
    ] as const)
      form.edit(field, text, text.length, "replace");
    form.accept(payload(), vault, merchant, origin);
    expect(form.seal(issuedAt)).toMatch(/^ey/);
    expect(memory.buffer).toBe(buffer);
  });

  test(`${build}: what does not fit breaks the engine; then it is wiped and nothing more can be asked of it`, async () => {
    const { formOf, memory } = await freshEngine(build);
    const { buffer } = memory;
    const form = formOf(2026, 11);
    form.edit("number", typed.number, typed.number.length, "replace");
    const lost = expect.objectContaining({ code: "coordinator_lost" });
    expect(() => form.inform("4".repeat(buffer.byteLength), { networks: [] })).toThrow(lost);
    expect(() => form.view("number")).toThrow(lost);
    expect(memory.buffer).toBe(buffer);
    expect(Buffer.from(buffer).every((byte) => byte === 0)).toBe(true);
  });
}
