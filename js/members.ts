// What came from outside is looked at member by member, through a map: no prototype and no getter answers for it.

/** The members of a parsed value; none for anything but an object. */
export function membersOf(value: unknown): Map<string, unknown> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}

export function one<T>(list: readonly T[], value: unknown): T | undefined {
  return list.find((item) => item === value);
}

export function text(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === "string" && pattern.test(value) ? value : undefined;
}

export function whole(value: unknown, max: number): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max
    ? value
    : undefined;
}

/** `undefined` for a member that is absent, `null` for one that is wrong. */
export function optional<T>(value: unknown, parse: (value: unknown) => T | undefined): T | undefined | null {
  return value === undefined ? undefined : (parse(value) ?? null);
}

/** Some of a list, in its order, so that the order says nothing. */
export function some<T>(list: readonly T[], value: unknown): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = list.filter((item) => value.includes(item));
  return items.length === value.length && items.every((item, at) => value[at] === item) ? items : undefined;
}
