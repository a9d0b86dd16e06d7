// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes them
const TO_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A text as JSON: what `JSON.stringify` makes of it, in half the time when nothing in it is to be escaped. */
export function quoted(text: string): string {
  return TO_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}
