// What came from outside is looked at member by member, through a map: no prototype and no getter answers for it.

/** What is left of a value of which nothing else is known: `undefined` if it is not as it has to be. */
export type Parse<T> = (value: unknown) => T | undefined;

/** How each member of an object has to be. */
export type Shape<T> = {
  readonly [Name in keyof T]-?: object extends Pick<T, Name>
    ? (value: unknown) => Exclude<T[Name], undefined> | undefined | null
    : Parse<T[Name]>;
};

/** The members of a parsed value; none for anything but an object. */
export function membersOf(value: unknown): Map<string, unknown> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}

/** A copy of what has these members, each as it has to be, and no other. */
export function exactly<T>(shape: Shape<T>, value: unknown): T | undefined {
  const members = membersOf(value);
  for (const name of members.keys()) if (!Object.hasOwn(shape, name)) return undefined;
  const copy: Partial<Record<keyof T, unknown>> = {};
  for (const name of Object.keys(shape) as (keyof T & string)[]) {
    const member = shape[name](members.get(name));
    if (member === undefined) return undefined;
    if (member !== null) copy[name] = member;
  }
  // Each member that T has came out of its parser.
  return copy as T;
}

export function one<const T>(list: readonly T[], value: unknown): T | undefined {
  return list.find((item) => item === value);
}

export function flag(value: unknown): boolean | undefined {
  return one([true, false], value);
}

export function text(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === "string" && pattern.test(value) ? value : undefined;
}

export function whole(value: unknown, max: number, min = 0): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
    ? value
    : undefined;
}

/** For a member that may be absent, which is `null`; `undefined` for one that is wrong. */
export function optional<T>(parse: Parse<T>): (value: unknown) => T | undefined | null {
  return (value) => (value === undefined ? null : parse(value));
}

/** Some of a list, in its order, so that the order says nothing. */
export function some<T>(list: readonly T[], value: unknown, least = 0): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = list.filter((item) => value.includes(item));
  const same = items.length === value.length && items.every((item, at) => value[at] === item);
  return same && items.length >= least ? items : undefined;
}
