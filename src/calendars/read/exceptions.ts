import { DAY } from '../../domain/dates.js';
import type { TimeText } from './values.js';
import type { Clocks, Moment } from './zones.js';

/** Times of a series that do not count any more: EXDATE and RECURRENCE-ID name them, in whichever form. */
export interface Exceptions {
  add(time: TimeText, clocks: Clocks): void;
  /** Takes out exactly that moment. */
  addInstant(instant: number): void;
  has(occurrence: Moment): boolean;
}

export function createExceptions(): Exceptions {
  const instants = new Set<number>();
  /** The days that dates name: in the zone of the series. */
  const days = new Set<number>();
  /** The days of which times without more than a date name the midnight. */
  const midnights = new Set<number>();
  /** What times without a zone show: in the zone of the series. */
  const shownTimes = new Set<number>();
  return {
    add(time, clocks) {
      const day = time.shown / DAY;
      if (time.kind === 'date') days.add(day);
      else if (time.kind === 'local' && !time.zoneName) shownTimes.add(time.shown);
      else instants.add(clocks(time).instant);
      if (Number.isInteger(day)) midnights.add(day);
    },
    addInstant: (instant) => void instants.add(instant),
    has({ isDate, shown, instant }) {
      const day = Math.floor(shown / DAY);
      return instants.has(instant) || days.has(day) || (isDate ? midnights.has(day) : shownTimes.has(shown));
    },
  };
}
