// Reads the vectors that every implementation reads.

import { readdirSync, readFileSync } from "node:fs";

export interface Vector {
  readonly name: string;
  readonly message: unknown;
  readonly expect: string;
  readonly why: string;
}

/**
 * Every file of a folder under tests/vectors, by walking it: a new file cannot be forgotten. A vector that has no `name` of its
 * own has its file's.
 */
export function vectors<T = Vector>(folder: string): readonly (T & { readonly name: string })[] {
  const place = new URL(`../vectors/${folder}/`, import.meta.url);
  return readdirSync(place)
    .filter((file) => file.endsWith(".json"))
    .map((file) => ({
      name: file.slice(0, -".json".length),
      ...JSON.parse(readFileSync(new URL(file, place), "utf8")),
    }));
}
