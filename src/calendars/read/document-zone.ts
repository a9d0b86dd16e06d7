import { DAY } from '../../domain/dates.js';
import { zoneOfChanges } from '../../domain/zones/clocks.js';
import type { Zone } from '../../domain/zones/zone-rules.js';
import type { Component } from './components.js';
import { occurrencesOf } from './occurrences.js';
import { type Rule, ruleIn } from './rule.js';
import { offsetIn, periodsIn, timeIn } from './values.js';
import type { Work } from './work.js';

/** A change of clocks: when, from what and to what, in milliseconds. */
interface Onset {
  readonly instant: number;
  readonly before: number;
  readonly after: number;
}

const YEAR = 366 * DAY;

/** How long ago endless rules are followed from, and how far: nobody needs more of a calendar. */
const YEARS_BACK = 10;
const YEARS_AHEAD = 20;

/** The zone that a VTIMEZONE describes; undefined when it describes none. */
export function zoneOfDocument(name: string, timezone: Component, now: number, work: Work): Zone | undefined {
  const onsets = timezone.components
    .flatMap((observance) => onsetsOf(observance, now, work))
    .sort((one, other) => one.instant - other.instant);
  const [first] = onsets;
  if (!first) return undefined;
  return zoneOfChanges(name, {
    starts: [Number.NEGATIVE_INFINITY, ...onsets.map(({ instant }) => instant)],
    offsets: [first.before, ...onsets.map(({ after }) => after)],
  });
}

/** The times at which clocks go to STANDARD or DAYLIGHT time. */
function onsetsOf({ lines }: Component, now: number, work: Work): Onset[] {
  const first = (name: string) => lines.get(name)?.[0];
  const [from, to, begin] = [first('TZOFFSETFROM'), first('TZOFFSETTO'), first('DTSTART')];
  if (!from || !to || !begin) return [];
  const [before, after, start] = [offsetIn(from), offsetIn(to), timeIn(begin).shown];
  const rules = (lines.get('RRULE') ?? []).map(ruleIn);
  const dates = (lines.get('RDATE') ?? []).flatMap(periodsIn).map((one) => ('start' in one ? one.start : one).shown);
  const shown = new Set([start, ...dates, ...rules.flatMap((rule) => timesOf(rule, start, before, now, work))]);
  return [...shown].map((time) => ({ instant: time - before, before, after }));
}

/** What clocks show at the times of a rule. Rules that ended stay in force until the next change, however long ago. */
function timesOf(rule: Rule, start: number, offset: number, now: number, work: Work): number[] {
  const ends = rule.until !== undefined || rule.count !== undefined;
  const from = ends ? start : Math.max(start, now - YEARS_BACK * YEAR);
  const last = lastOf(rule, offset);
  return [...occurrencesOf(rule, start, { from, to: Math.min(last, now + YEARS_AHEAD * YEAR), work })];
}

/** The last time that clocks may show, by UNTIL. */
function lastOf({ until }: Rule, offset: number): number {
  if (!until) return Number.POSITIVE_INFINITY;
  if (until.kind === 'utc') return until.ms + offset;
  return until.kind === 'date' ? until.ms + DAY - 1 : until.ms;
}
