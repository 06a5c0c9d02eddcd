// Reads the vectors that every implementation reads.

import { readdirSync, readFileSync } from "node:fs";

export interface Vector {
  readonly name: string;
  readonly message: unknown;
  readonly expect: string;
  readonly why: string;
}

/** Every file of a folder under tests/vectors, by walking it: a new file cannot be forgotten. */
export function vectors(folder: string): readonly Vector[] {
  const place = new URL(`../vectors/${folder}/`, import.meta.url);
  return readdirSync(place)
    .filter((file) => file.endsWith(".json"))
    .map((file) => {
      const { message, expect, why } = JSON.parse(readFileSync(new URL(file, place), "utf8"));
      return { name: file.slice(0, -".json".length), message, expect, why };
    });
}
