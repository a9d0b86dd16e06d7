/**
 * Milliseconds that a header `Retry-After` asks for, in seconds or as a date. Undefined for any other text.
 * @param now epoch milliseconds
 * @param longest the most milliseconds to answer, however long the header asks for
 */
export function retryAfterMs(header: string | undefined, now: number, longest: number): number | undefined {
  if (header === undefined) return undefined;
  const asked = /^\d{1,10}$/.test(header) ? Number(header) * 1_000 : httpDate(header) - now;
  return Number.isNaN(asked) ? undefined : Math.min(Math.max(asked, 0), longest);
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats; `Date.parse` takes more, such as a bare year. */
function httpDate(text: string): number {
  return /^[A-Z][a-z]{2,8},? .*\d{2}:\d{2}:\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
}
