/** A value as Postgres writes that of a `jsonb`: the keys of objects in order of their lengths, then of their letters. */
export function jsonbText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonbText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => one.length - other.length || (one < other ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${jsonbText(member)}`).join(', ')}}`;
}
