// What came from outside is looked at member by member, through a map: no prototype and no getter answers for it.

/** The members of a parsed value; none for anything but an object. */
export function membersOf(value: unknown): Map<string, unknown> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}
