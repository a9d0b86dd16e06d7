import { DAY } from '../../domain/dates.js';
import type { Interval } from '../../domain/slot.js';
import { utc, type ZoneRules } from '../../domain/zones/zone-rules.js';
import { type Component, readComponents } from './components.js';
import { type CalendarEvent, readEvent } from './event.js';
import { timesBusy } from './free-busy.js';
import { CalendarRefused } from './refusal.js';
import { latestRevisions } from './revisions.js';
import { timesTaken, type Window } from './series.js';
import { textOf } from './values.js';
import { limitedWork } from './work.js';
import { clocksOf } from './zones.js';

/** Why something in a document takes no time. */
export type LeftOut = 'transparent' | 'cancelled' | 'own' | 'past' | 'withoutTime';

/** What a document says about the time that is taken. */
export interface BusyTimes {
  /**
   * In order of start and end, in epoch milliseconds. Equal ones are there once, others may overlap: the document is
   * compared with the one before interval by interval, and merged ones would all change when one of them does. They
   * have no UID and no title: only the time counts.
   */
  readonly intervals: readonly Interval[];
  /** How many VEVENTs and VFREEBUSYs take no time, and why. */
  readonly leftOut: Readonly<Record<LeftOut, number>>;
  /** Recurrences that begin before count, in epoch milliseconds. What has a date of its own counts whenever it is. */
  readonly followedUntil: number;
}

export interface ReadingOptions {
  /** The IANA name of the coach's zone: of dates, and of times without a zone. UTC when there is none of this name. */
  readonly zone: string;
  readonly zoneRules: ZoneRules;
  /** What ended by then is left out. Epoch milliseconds. */
  readonly now: number;
  /** How far recurrences are followed. */
  readonly horizonDays?: number;
  /** Whether a UID is that of a session or hold of this service, which takes its time already. */
  readonly isOwn: (uid: string) => boolean;
}

export const HORIZON_DAYS = 400;

/** The most intervals of a document. */
export const MAX_INTERVALS = 2_000;

/** The UIDs in the calendars of a document, each once. */
export function uidsIn(calendars: readonly Component[]): string[] {
  const components = calendars.flatMap((calendar) => calendar.components);
  return [...new Set(components.flatMap(({ lines }) => textOf(lines.get('UID')?.[0]) ?? []))];
}

/**
 * The busy times in an iCalendar document. Throws CalendarRefused, with the line where there is one, for a text that is
 * no calendar or not all of one, whose times cannot be read, or that has too many intervals.
 */
export function readBusyTimes(text: string, options: ReadingOptions): BusyTimes {
  return busyTimesIn(readComponents(text), options);
}

/** As `readBusyTimes`, for the calendars of a document. */
export function busyTimesIn(calendars: readonly Component[], options: ReadingOptions): BusyTimes {
  const { zoneRules, now, horizonDays = HORIZON_DAYS } = options;
  const zone = zoneRules.zone(options.zone) ?? utc;
  const work = limitedWork();
  const window = { from: now, to: now + horizonDays * DAY, work };
  const found = createFound(window);

  const events: CalendarEvent[] = [];
  for (const calendar of calendars) {
    const clocks = clocksOf(calendar, { zone, zoneRules, now, work });
    const isCancelled = textOf(calendar.lines.get('METHOD')?.[0])?.toUpperCase() === 'CANCEL';
    for (const component of calendar.components) {
      if (component.name !== 'VEVENT' && component.name !== 'VFREEBUSY') continue;
      const event = readEvent(component, clocks, { isCancelled, isOwn: options.isOwn });
      if (component.name === 'VEVENT' && event.status !== 'own') events.push(event);
      else if (event.status === 'counts') found.addAll(component, timesBusy(component, clocks));
      else found.leaveOut(event.status);
    }
  }
  for (const sameUid of byUid(events)) {
    const latest = latestRevisions(sameUid);
    for (const { event, interval } of timesTaken(latest, window)) found.add(event.component, interval);
    for (const { component, status } of latest) {
      if (status === 'counts') found.count(component);
      else found.leaveOut(status);
    }
  }
  return found.busyTimes();
}

/** Events of one UID belong together, in whichever VCALENDAR they are. */
function byUid(events: readonly CalendarEvent[]): CalendarEvent[][] {
  const groups = new Map<string | CalendarEvent, CalendarEvent[]>();
  for (const event of events) {
    const key = event.uid ?? event;
    const group = groups.get(key);
    if (group) group.push(event);
    else groups.set(key, [event]);
  }
  return [...groups.values()];
}

/** Gathers intervals in the window, and notes which components have any. */
function createFound({ from, to, work }: Window) {
  const intervals = new Map<string, Interval>();
  const leftOut: Record<LeftOut, number> = { transparent: 0, cancelled: 0, own: 0, past: 0, withoutTime: 0 };
  const withTime = new Set<Component>();
  const withTimeToCome = new Set<Component>();

  function add(component: Component, interval: Interval | undefined): void {
    work();
    withTime.add(component);
    if (!interval || interval.end <= from) return;
    withTimeToCome.add(component);
    intervals.set(`${interval.start}/${interval.end}`, interval);
    if (intervals.size <= MAX_INTERVALS) return;
    const rule = `a document may have at most ${MAX_INTERVALS.toLocaleString('en')}`;
    throw new CalendarRefused('too many intervals', `the document has too many busy times: ${rule}`);
  }

  function count(component: Component): void {
    if (withTimeToCome.has(component)) return;
    leftOut[withTime.has(component) ? 'past' : 'withoutTime'] += 1;
  }

  return {
    add,
    count,
    leaveOut(why: LeftOut) {
      leftOut[why] += 1;
    },
    addAll(component: Component, times: Iterable<Interval>) {
      for (const interval of times) add(component, interval);
      count(component);
    },
    busyTimes(): BusyTimes {
      const inOrder = [...intervals.values()].sort((one, other) => one.start - other.start || one.end - other.end);
      return { intervals: inOrder, leftOut, followedUntil: to };
    },
  };
}
