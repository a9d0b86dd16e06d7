import type { OccurrenceTime } from './expand-series.js';
import { instantOf, wallTime, wallTimeText } from './wall-time.js';

/** A session of a series, at the wall time at which the series has it begin. */
export interface SeriesSession {
  readonly id: string;
  /** Its place in the series, from 1. */
  readonly occurrence: number;
  /** `2026-03-02T09:30:00` */
  readonly localStart: string;
}

/** When a moved session is to take place. */
export type MovedSession = SeriesSession & OccurrenceTime;

/**
 * The new times of a series that is moved from an occurrence on. The first session from there on, whatever its state,
 * gets the new wall time; the others move by as many days, to the same time of day. Empty when the series has no
 * session from that occurrence on.
 * @param sessions in order of the occurrences
 * @param localStart a valid wall time
 * @param timeZone an IANA zone
 */
export function moveSeries(
  sessions: readonly SeriesSession[],
  fromOccurrence: number,
  localStart: string,
  timeZone: string,
): MovedSession[] {
  const moved = sessions.filter(({ occurrence }) => occurrence >= fromOccurrence);
  const [first] = moved;
  if (!first) return [];
  const to = wallTime(localStart);
  const { days } = dayOf(first).until(to.toPlainDate(), { largestUnit: 'days' });
  return moved.map((session) => {
    const time = dayOf(session).add({ days }).toPlainDateTime(to.toPlainTime());
    return { ...session, localStart: wallTimeText(time), start: instantOf(time, timeZone) };
  });
}

function dayOf({ localStart }: SeriesSession) {
  return wallTime(localStart).toPlainDate();
}
