import { DAY } from '../../domain/dates.js';
import type { Interval } from '../../domain/slot.js';
import { shownAt } from '../../domain/zones/zone-rules.js';
import {
  addedTimes,
  type CalendarEvent,
  inFormOf,
  intervalOf,
  type Replaced,
  removedTimes,
  replacedBy,
  rulesOf,
  type Timing,
  timingOf,
} from './event.js';
import { createExceptions, type Exceptions } from './exceptions.js';
import { occurrencesOf } from './occurrences.js';
import type { Rule } from './rule.js';
import { isSurelyOver } from './surely-over.js';
import type { Length, TimeText } from './values.js';
import type { Work } from './work.js';
import { dateAt, isOfUnknownZone, type Moment, momentAt } from './zones.js';

/** The time that is looked at: what ends after `from`, and of what recurs, what begins before `to`. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly work: Work;
}

/** An event in place of others of its UID. */
interface Override {
  readonly event: CalendarEvent;
  readonly replaced: Replaced;
}

/** An override with RANGE=THISANDFUTURE. */
interface OverrideOfRest {
  readonly replaced: TimeText;
  readonly from: Moment;
  /** Undefined when it takes no time. */
  readonly timing: Timing | undefined;
}

/** What the rest of a series becomes from a moment on. */
interface Rest {
  /** Of the first occurrence that it is for, in the time of the series. */
  readonly from: number;
  /** Undefined when the rest takes no time. */
  readonly timing: Timing | undefined;
  /** How much later clocks show in the zone of the override, in milliseconds. */
  readonly shift: number;
}

/** The longest way from what clocks show to UTC, with room to spare. */
const SLACK = 2 * DAY;

/** Time that an event takes. */
export interface TimeTaken {
  readonly event: CalendarEvent;
  /** Undefined when the event is over, in a zone that nobody knows. */
  readonly interval: Interval | undefined;
}

/**
 * The times that the events of one UID take, each with its event. Events without RECURRENCE-ID are series, or single;
 * the others are in place of occurrences of all of them, or, without any, just events.
 */
export function* timesTaken(events: readonly CalendarEvent[], window: Window): Generator<TimeTaken> {
  const overrides: Override[] = [];
  const series: CalendarEvent[] = [];
  for (const event of events) {
    const replaced = replacedBy(event);
    if (replaced) overrides.push({ event, replaced });
    else series.push(event);
  }
  const replaced = createExceptions();
  const ofRests: OverrideOfRest[] = [];
  function* timesOfOverride({ event, replaced: { time, isRest } }: Override): Generator<Interval> {
    const timing = event.status === 'counts' ? timingOf(event) : undefined;
    const interval = timing && intervalOf(timing);
    if (interval) yield interval;
    replaced.add(time, event.clocks);
    if (isRest) ofRests.push({ replaced: time, from: event.clocks(time), timing });
  }
  for (const one of overrides) yield* unlessOver(one.event, timesOfOverride(one), window);
  for (const event of series) {
    if (event.status !== 'counts') continue;
    const times = timesOfSeries(event, { replaced, ofRests }, window);
    // The rest of a series that is over may have been moved to a time to come.
    if (ofRests.length > 0) for (const interval of times) yield { event, interval };
    else yield* unlessOver(event, times, window);
  }
}

/** The times of an event. One that is over may be in a zone that nobody knows. */
function* unlessOver(event: CalendarEvent, times: Iterable<Interval>, window: Window): Generator<TimeTaken> {
  try {
    for (const interval of times) yield { event, interval };
  } catch (error) {
    if (!isOfUnknownZone(error) || !isSurelyOver(event, window)) throw error;
    yield { event, interval: undefined };
  }
}

/** @param overrides the times that any of them replaces, and those for the rest of a series */
function* timesOfSeries(
  event: CalendarEvent,
  overrides: { readonly replaced: Exceptions; readonly ofRests: readonly OverrideOfRest[] },
  window: Window,
): Generator<Interval> {
  window.work(1 + 4 * overrides.ofRests.length);
  const timing = timingOf(event);
  if (!timing) return;
  const rests = overrides.ofRests.map((one) => restOf(one, timing.start));
  rests.sort((one, other) => one.from - other.from);

  const bounds = boundsFor(timing, rests, window);
  const removed = removedFrom(event, timing, bounds);
  const seen = new Set<number>();
  for (const { one, isByRule } of occurrences(event, timing, bounds)) {
    if (seen.has(one.start.instant) || removed.has(one.start) || overrides.replaced.has(one.start)) continue;
    seen.add(one.start.instant);
    const moved = inRest(one, rests);
    const interval = moved && intervalOf(moved);
    if (interval && !(isByRule && interval.start >= window.to)) yield interval;
  }
}

/** All occurrences: the first, those that RDATE adds, those of the rules. */
function* occurrences(event: CalendarEvent, timing: Timing, bounds: Window) {
  yield { one: timing, isByRule: false };
  for (const one of addedTimes(event, timing)) yield { one, isByRule: false };
  for (const rule of rulesOf(event, 'RRULE')) {
    for (const start of startsOf(rule, timing.start, bounds)) {
      yield { one: { start, length: timing.length }, isByRule: true };
    }
  }
}

/** What EXDATE and EXRULE take out. */
function removedFrom(event: CalendarEvent, { start }: Timing, bounds: Window): Exceptions {
  const exceptions = createExceptions();
  for (const time of removedTimes(event)) exceptions.add(time, event.clocks);
  for (const rule of rulesOf(event, 'EXRULE')) {
    for (const one of startsOf(rule, start, bounds)) exceptions.addInstant(one.instant);
  }
  return exceptions;
}

/** Where occurrences may begin that take time in the window, also when they are moved. */
function boundsFor({ length }: Timing, rests: readonly Rest[], { from, to, work }: Window): Window {
  let [longest, latest, earliest] = [msOf(length), 0, 0];
  for (const { timing, shift } of rests) {
    longest = Math.max(longest, timing ? msOf(timing.length) : 0);
    latest = Math.max(latest, shift);
    earliest = Math.min(earliest, shift);
  }
  return { from: from - longest - latest - SLACK, to: to - earliest + SLACK, work };
}

function msOf({ days, ms }: Length): number {
  return days * DAY + ms;
}

/** When a rule lets something begin. */
function* startsOf(rule: Rule, first: Moment, bounds: Window): Generator<Moment> {
  for (const shown of occurrencesOf(rule, first.shown, bounds)) {
    const start = first.isDate ? dateAt(shown, first.zone) : momentAt(shown, first.zone);
    if (isOver(rule, start)) return;
    yield start;
  }
}

/** Whether UNTIL is before a time. Of a date, all its day counts; some programs write one as its midnight in UTC. */
function isOver({ until }: Rule, { isDate, shown, instant }: Moment): boolean {
  if (!until) return false;
  if (until.kind === 'date' || (isDate && until.ms % DAY === 0)) return shown >= until.ms + DAY;
  return until.kind === 'utc' ? instant > until.ms : shown > until.ms;
}

/** What an override makes of the rest of a series with such a first time. */
function restOf({ replaced, from: named, timing }: OverrideOfRest, first: Moment): Rest {
  const isInZoneOfSeries = replaced.kind === 'local' && !replaced.zoneName;
  const from = isInZoneOfSeries ? momentAt(replaced.shown, first.zone) : inFormOf(first, named);
  const shift = timing ? timing.start.shown - shownIn(from, timing.start) : 0;
  return { from: from.instant, timing, shift };
}

/** An occurrence as the last override for its time has it; undefined when it takes no time any more. */
function inRest(one: Timing, rests: readonly Rest[]): Timing | undefined {
  const rest = rests.findLast(({ from }) => from <= one.start.instant);
  if (!rest) return one;
  if (!rest.timing) return undefined;
  const { start, length } = rest.timing;
  const shown = shownIn(one.start, start) + rest.shift;
  return {
    start: start.isDate ? dateAt(Math.floor(shown / DAY) * DAY, start.zone) : momentAt(shown, start.zone),
    length,
  };
}

/** What the clocks of another moment's zone show at a moment. */
function shownIn({ shown, zone, instant }: Moment, other: Moment): number {
  return zone === other.zone ? shown : shownAt(instant, other.zone);
}
