import { DAY } from '../../domain/dates.js';
import { FIRST_TIME, type Interval, LAST_TIME } from '../../domain/slot.js';
import { shownAt } from '../../domain/zones/zone-rules.js';
import { BUSY_STATUS, type Component } from './components.js';
import type { ContentLine } from './content-lines.js';
import { type Rule, ruleIn } from './rule.js';
import {
  type Length,
  lengthIn,
  type Period,
  parameterOf,
  periodsIn,
  type TimeText,
  textOf,
  timeIn,
  timesIn,
} from './values.js';
import { type Clocks, dateAt, type Moment, momentAt } from './zones.js';

/** A VEVENT: one event, a series, or what became of one occurrence or of the rest of a series. */
export interface CalendarEvent {
  readonly component: Component;
  readonly clocks: Clocks;
  /** Undefined when the document has none: then nothing else belongs to the event. */
  readonly uid: string | undefined;
  readonly status: 'counts' | 'cancelled' | 'transparent' | 'own';
}

/** Reads what an event says of itself, and of its time nothing yet. */
export function readEvent(
  component: Component,
  clocks: Clocks,
  { isCancelled, isOwn }: { isCancelled: boolean; isOwn: (uid: string) => boolean },
): CalendarEvent {
  const said = (name: string) => textOf(component.lines.get(name)?.[0]);
  const saidInCapitals = (name: string) => said(name)?.toUpperCase();
  const uid = said('UID');
  const status = () => {
    if (uid !== undefined && isOwn(uid)) return 'own';
    if (isCancelled || saidInCapitals('STATUS') === 'CANCELLED') return 'cancelled';
    const transparency = saidInCapitals('TRANSP');
    const isTransparent = transparency ? transparency === 'TRANSPARENT' : saidInCapitals(BUSY_STATUS) === 'FREE';
    return isTransparent ? 'transparent' : 'counts';
  };
  return { component, clocks, uid, status: status() };
}

/** The occurrence that an event is in place of, and whether it is so for all after it, too. */
export interface Replaced {
  readonly time: TimeText;
  readonly isRest: boolean;
}

/** What the event is in place of; undefined for an event of its own, or a series. */
export function replacedBy({ component }: CalendarEvent): Replaced | undefined {
  const line = component.lines.get('RECURRENCE-ID')?.[0];
  if (!line || textOf(line) === undefined) return undefined;
  return { time: timeIn(line), isRest: /^THISANDFUTURE$/i.test(parameterOf(line, 'range') ?? '') };
}

/** A start and how long it lasts. */
export interface Timing {
  readonly start: Moment;
  readonly length: Length;
}

/** When an event is, or its first occurrence; undefined for one without a start. */
export function timingOf({ component: { lines }, clocks }: CalendarEvent): Timing | undefined {
  const [begin, end, duration] = ['DTSTART', 'DTEND', 'DURATION'].map((name) => withValue(lines.get(name)?.[0]));
  if (!begin) return undefined;
  const start = clocks(timeIn(begin));
  if (end) return { start, length: lengthTo(start, clocks(timeIn(end))) };
  return { start, length: duration ? lengthIn(duration) : { days: start.isDate ? 1 : 0, ms: 0 } };
}

/** How long it is from a start to an end. Some programs let a date end on the same date. */
function lengthTo(start: Moment, end: Moment): Length {
  if (!start.isDate || !end.isDate) return { days: 0, ms: end.instant - start.instant };
  const days = (end.shown - start.shown) / DAY;
  return { days: days === 0 ? 1 : days, ms: 0 };
}

/** The times that RDATE adds to a series. Those without an end last as long as the series. */
export function addedTimes({ component, clocks }: CalendarEvent, { start, length }: Timing): Timing[] {
  return linesOf(component, 'RDATE')
    .flatMap(periodsIn)
    .map((one) => {
      if ('start' in one) return timingOfPeriod(one, clocks);
      return { start: inFormOf(start, clocks(one)), length };
    });
}

export function timingOfPeriod({ start, end }: Period, clocks: Clocks): Timing {
  const begin = clocks(start);
  return { start: begin, length: 'days' in end ? end : lengthTo(begin, clocks(end)) };
}

/** A time of a series, which has dates or times as its first: a date gets the time of day, a time is its date. */
export function inFormOf(first: Moment, time: Moment): Moment {
  if (first.isDate === time.isDate) return time;
  if (!first.isDate) return momentAt(time.shown + (first.shown - midnightBefore(first.shown)), first.zone);
  const isMidnight = time.shown === midnightBefore(time.shown);
  return dateAt(midnightBefore(isMidnight ? time.shown : shownAt(time.instant, first.zone)), first.zone);
}

function midnightBefore(shown: number): number {
  return Math.floor(shown / DAY) * DAY;
}

/** The times that EXDATE takes out of a series. */
export function removedTimes({ component }: CalendarEvent): TimeText[] {
  return linesOf(component, 'EXDATE').flatMap(timesIn);
}

export function rulesOf({ component }: CalendarEvent, name: 'RRULE' | 'EXRULE'): Rule[] {
  return linesOf(component, name).map(ruleIn);
}

/** The time that is taken; undefined if it is none. */
export function intervalOf({ start: { isDate, shown, zone, instant }, length }: Timing): Interval | undefined {
  const later = Math.min(shown + length.days * DAY, LAST_TIME);
  const lastDay = length.days === 0 ? instant : isDate ? zone.momentsOf(later).last : zone.instantOf(later);
  const [start, end] = [Math.max(instant, FIRST_TIME), Math.min(lastDay + length.ms, LAST_TIME)];
  return end > start ? { start, end } : undefined;
}

/** The lines of a name. Some programs write empty lists. */
function linesOf({ lines }: Component, name: string): ContentLine[] {
  return (lines.get(name) ?? []).filter((line) => withValue(line));
}

function withValue(line: ContentLine | undefined): ContentLine | undefined {
  return textOf(line) === undefined ? undefined : line;
}
