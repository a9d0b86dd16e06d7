import { CalendarRefused } from './refusal.js';

/** Reading takes at most about a second and a half. */
const MAX_STEPS = 5_000_000;

/** Counts what reading a document takes, in steps: a million of them take 50 to 300 ms. */
export type Work = (steps?: number) => void;

/** Throws CalendarRefused once there are more steps than a document may take. */
export function limitedWork(most = MAX_STEPS): Work {
  let done = 0;
  return (steps = 1) => {
    done += steps;
    if (done > most) {
      throw new CalendarRefused('too much work', 'the recurrences of the document take too long to follow');
    }
  };
}
