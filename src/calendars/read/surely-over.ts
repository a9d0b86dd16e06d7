import { DAY } from '../../domain/dates.js';
import { utc } from '../../domain/zones/zone-rules.js';
import { addedTimes, type CalendarEvent, replacedBy, rulesOf, type Timing, timingOf } from './event.js';
import { occurrencesOf } from './occurrences.js';
import type { Window } from './series.js';
import type { Length } from './values.js';
import { momentAt, momentIfKnown } from './zones.js';

/**
 * How far a time of an unknown zone may be from what UTC would make of it. Zones are from 12 hours behind UTC to 14
 * ahead of it, a start and an end may be in two of them, and a day is to spare.
 */
const MARGIN = 3 * DAY;

/**
 * Whether an event is over, and what it is in place of, too, whatever the zones are that nobody knows. What recurs is
 * not, if it begins again in the window.
 */
export function isSurelyOver(event: CalendarEvent, { from, to, work }: Window): boolean {
  const before = from - MARGIN;
  const replaced = replacedBy(event);
  if (replaced && (replaced.isRest || replaced.time.shown > before)) return false;
  if (event.status !== 'counts') return true;

  const inUtc = { ...event, clocks: clocksOrUtc(event) };
  const timing = timingOf(inUtc);
  if (!timing) return true;
  const length = msOf(timing.length);
  const mayGoOn = (one: Timing) => one.start.instant + msOf(one.length) > before;
  if (mayGoOn(timing) || addedTimes(inUtc, timing).some(mayGoOn)) return false;
  return rulesOf(event, 'RRULE').every((rule) => {
    const last = Math.min(to, rule.until ? rule.until.ms + MARGIN : to);
    return occurrencesOf(rule, timing.start.shown, { from: before - length, to: last, work }).next().done;
  });
}

function clocksOrUtc({ clocks }: CalendarEvent): CalendarEvent['clocks'] {
  return (time) => momentIfKnown(time, clocks) ?? momentAt(time.shown, utc);
}

function msOf({ days, ms }: Length): number {
  return days * DAY + ms;
}
