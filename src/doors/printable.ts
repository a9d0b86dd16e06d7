// An id that is longer breaks its limit.
const LONGEST_TEXT = 256;

/**
 * The text in printable ASCII, other characters and backslashes as JSON escapes them: a terminal takes some for commands,
 * some end a line. What is longer is cut.
 */
export function printable(text: string): string;
export function printable(text: string | undefined): string | undefined;
export function printable(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const start = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...` : text;
  return start.replace(/[^ -~]|\\/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
