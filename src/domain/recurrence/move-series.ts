import type { Zone } from '../zones/zone-rules.js';
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

/** Where an occurrence is in its series, and where it is to be. Both are wall times. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/**
 * The new times of sessions of a series: each moves by as many days as the move, to the time of day that the move ends
 * at.
 * @param move valid wall times
 */
export function moveSeries<Session extends SeriesSession>(
  sessions: readonly Session[],
  move: Move,
  zone: Zone,
): (Session & MovedSession)[] {
  const moved = movedBy(move);
  return sessions.map((session) => {
    const time = moved(session.localStart);
    return { ...session, localStart: wallTimeText(time), start: instantOf(time, zone) };
  });
}

/** Moves a wall time by the days of a move, to the time of day that the move ends at. */
export function movedBy(move: Move) {
  const to = wallTime(move.to);
  const { days } = dayOf(move.from).until(to.toPlainDate(), { largestUnit: 'days' });
  return (localStart: string) => dayOf(localStart).add({ days }).toPlainDateTime(to.toPlainTime());
}

function dayOf(localStart: string) {
  return wallTime(localStart).toPlainDate();
}
