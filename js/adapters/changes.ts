// What a declarative page says of its options, as what update() takes. It must never hold on to what it was given.

/** Tells a form or a field what differs between two sets of its options, and takes back what is no longer given. */
export function tellChanges(target: { update(changes: object): void }, before: object, now: object): void {
  const [then, next]: Record<string, unknown>[] = [{ ...before }, { ...now }];
  const names = Object.keys({ ...then, ...next }).filter((name) => !alike(then?.[name], next?.[name]));
  if (names.length > 0) target.update(Object.fromEntries(names.map((name) => [name, next?.[name] ?? null])));
}

/** Elements are what they are; styles and texts are what they say. */
function alike(before: unknown, now: unknown): boolean {
  if (before === now) return true;
  const nodes = [before, now].some((value) => typeof value === "object" && value && "nodeType" in value);
  return !nodes && JSON.stringify(before) === JSON.stringify(now);
}
