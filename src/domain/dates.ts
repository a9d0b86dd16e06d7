/** Milliseconds of a day that has as many as most. */
export const DAY = 86_400_000;

const DATE = /^(?!0000)\d{4}-\d\d-\d\d$/;

/** The number of a date, `2030-12-24`, in days from 1 January 1970; undefined when the calendar does not have it. */
export function dayOf(date: string): number | undefined {
  if (!DATE.test(date)) return undefined;
  const day = Date.parse(`${date}T00:00:00Z`) / DAY;
  if (Number.isNaN(day)) return undefined;
  // 30 February is read as 2 March. Every month has 28 days.
  return Number(date.slice(8)) <= 28 || dateOf(day) === date ? day : undefined;
}

/** The first moment of a date in UTC, in epoch milliseconds. For dates that the calendar has. */
export function midnightOf(date: string | undefined): number {
  return DAY * (dayOf(date ?? '') ?? 0);
}

/** The date with a number: `2030-12-24`. For the years 1 to 9999. */
export function dateOf(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}
