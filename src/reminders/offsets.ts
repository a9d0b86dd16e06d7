/** The smallest and the largest offset, in minutes: 30 days. */
export const MIN_OFFSET = 1;
export const MAX_OFFSET = 43_200;

/** The most offsets. */
export const MAX_OFFSETS = 10;

const MINUTES = { m: 1, h: 60, d: 1_440 } as const;

/** The minutes of an offset such as 30m, 24h or 7d; undefined when the text is none, or out of range. */
export function offsetIn(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count === undefined) return undefined;
  const minutes = Number(count) * MINUTES[unit as keyof typeof MINUTES];
  return minutes >= MIN_OFFSET && minutes <= MAX_OFFSET ? minutes : undefined;
}
