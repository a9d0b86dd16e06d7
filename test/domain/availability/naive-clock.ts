import moment from 'moment-timezone';

const MINUTE = 60_000;

/**
 * What the clocks of a zone show, minute by minute, by the data of moment-timezone: a stretch of time, in numbers of
 * minutes. Knows nothing of how the service looks at zones.
 */
export interface NaiveClock {
  /** The first minute of the stretch, and the one after the last, in minutes since 1970. */
  readonly from: number;
  readonly to: number;
  /** What the clocks show at a minute of the stretch, as if they showed UTC. */
  shownAt(minute: number): number;
  /** The minutes at which the clocks show a time; none when they skip it. */
  minutesShowing(shown: number): readonly number[];
  /** The minute at which clocks go from before a time that they skip to after it; undefined when they never do. */
  minuteSkipping(shown: number): number | undefined;
}

/** The clock of a zone from one instant to another, both in epoch milliseconds and on the minute. */
export function naiveClock(zone: string, from: number, to: number): NaiveClock {
  const known = moment.tz.zone(zone);
  if (!known) throw new Error(`moment-timezone has no zone ${zone}`);
  const first = from / MINUTE;
  const shown = Array.from({ length: (to - from) / MINUTE }, (_, index) => {
    const minute = first + index;
    return minute - known.utcOffset(minute * MINUTE);
  });
  const byShown = new Map<number, number[]>();
  const skipping = new Map<number, number>();
  for (const [index, time] of shown.entries()) {
    byShown.set(time, [...(byShown.get(time) ?? []), first + index]);
    for (let skipped = (shown[index - 1] ?? time) + 1; skipped < time; skipped += 1) {
      skipping.set(skipped, first + index);
    }
  }
  return {
    from: first,
    to: first + shown.length,
    shownAt(minute) {
      const time = shown[minute - first];
      if (time === undefined) throw new Error(`the clock does not go to ${new Date(minute * MINUTE).toISOString()}`);
      return time;
    },
    minutesShowing: (time) => byShown.get(time) ?? [],
    minuteSkipping: (time) => skipping.get(time),
  };
}
