/** Whether a text has more than so many characters, counted as code points: an emoji may be one, and two UTF-16 units. */
export function isLongerThan(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  // A code point has at most two units: a text of any length is not counted for long.
  return text.length > 2 * limit || countCodePoints(text) > limit;
}

function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The order of texts by their UTF-16 units, as `<` has it. */
export function byText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text is a UUID, in lower or upper case. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
