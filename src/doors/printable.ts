// An id that is longer breaks its limit.
const LONGEST_TEXT = 256;

// Simple tokens, keys of calendar links and JSON Web Tokens, which some callers put into a path.
const TOKENS = /scheduler_[\w-]{49}|calendarkey_[\w-]+|eyJ[\w-]+\.[\w-]+\.[\w-]*/g;

/**
 * The text in printable ASCII, other characters and backslashes as JSON escapes them: a terminal takes some for commands,
 * some end a line. What is longer is cut, and tokens are left out.
 */
export function printable(text: string): string;
export function printable(text: string | undefined): string | undefined;
export function printable(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const safe = text.replace(TOKENS, '<token>');
  const start = safe.length > LONGEST_TEXT ? `${safe.slice(0, LONGEST_TEXT)}...` : safe;
  return start.replace(/[^ -~]|\\/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
