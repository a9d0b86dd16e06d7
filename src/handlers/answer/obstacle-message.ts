import type { Obstacle, ObstacleCode } from '../../domain/availability/obstacles.js';
import { DAY, dateOf } from '../../domain/dates.js';
import { FIRST_TIME, LAST_TIME } from '../../domain/slot.js';
import { shownAt, type Zone } from '../../domain/zones/zone-rules.js';
import { type Obstacle as Message, Obstacle_Code } from '../../gen/aceup/scheduler/v1/slot_pb.js';
import { timestampOf, timeText } from '../../json/times.js';

/** An obstacle as callers get it. Times in the sentence are told as the clocks of the zone show them. */
export function obstacleMessage(obstacle: Obstacle, zone: Zone): Message {
  const { code, start, end, hours = [] } = obstacle;
  return {
    $typeName: 'aceup.scheduler.v1.Obstacle',
    code: Obstacle_Code[code],
    message: sentenceOf(obstacle, zone),
    ...(start !== undefined && { start: timestampOf(inCalendar(start)) }),
    ...(end !== undefined && { end: timestampOf(inCalendar(end)) }),
    hours: hours.slice(0, MAX_HOURS).map((one) => ({
      $typeName: 'aceup.scheduler.v1.Interval',
      start: timestampOf(inCalendar(one.start)),
      end: timestampOf(inCalendar(one.end)),
    })),
  };
}

/** The most obstacles of one rule, where not all are told: hundreds of short sessions may be in the way of a long gap. */
const MAX_OF_A_RULE = 3;

/** The most hours of a day that are told. */
const MAX_HOURS = 12;

/**
 * The first obstacles of each rule.
 * @param most of a rule
 */
export function firstOfEachRule(obstacles: readonly Obstacle[], most = MAX_OF_A_RULE): Obstacle[] {
  const counts = new Map<ObstacleCode, number>();
  return obstacles.filter(({ code }) => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    return count <= most;
  });
}

/** The nearest time in the years 1 to 9999: days and hours at their ends reach beyond, and timestamps do not. */
function inCalendar(time: number): number {
  return Math.min(Math.max(time, FIRST_TIME), LAST_TIME);
}

/** What the clocks of a zone show, with their offset: `2030-03-25T04:00:00-04:00`. In UTC where they show the year 10000. */
export function localTimeText(instant: number, zone: Zone): string {
  const isWritable = shownAt(instant, zone) <= LAST_TIME;
  const minutes = isWritable ? Math.round(zone.offsetAt(instant) / 60_000) : 0;
  const shown = timeText(isWritable ? shownAt(instant, zone) : instant).slice(0, -1);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${shown}${minutes < 0 ? '-' : '+'}${twoDigits(hours)}:${twoDigits(rest)}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

type Sentence = (obstacle: Obstacle, zone: Zone) => string;

const SENTENCES: Readonly<Record<ObstacleCode, Sentence>> = {
  COACH_OVERLAP: (one, zone) => `The coach has a session ${fromTo(one, zone)}.`,
  SLOT_HELD: (one, zone) => `The coach's time is held ${fromTo(one, zone)}.`,
  CLIENT_OVERLAP: (one, zone) => `The client has a session or a hold ${fromTo(one, zone)}.`,
  OUTSIDE_HOURS: ({ start, hours = [] }, zone) => {
    const day = start === undefined ? '' : ` on ${dateAt(start, zone)}`;
    if (hours.length === 0) return `The coach has no hours${day}.`;
    const told = hours.slice(0, MAX_HOURS).map((one) => clockTimes(one, zone));
    const more = hours.length > MAX_HOURS ? ['others'] : [];
    return `The coach's hours${day} are ${[...told, ...more].join(' and ')}.`;
  },
  TIME_OFF: (one, zone) => `The coach has time off ${fromTo(one, zone)}.`,
  GAP: (one, zone) =>
    `Between two sessions there must be ${one.limit} minutes; the coach's time is taken ${fromTo(one, zone)}.`,
  NOTICE: ({ limit, end = 0 }, zone) =>
    `A session must be booked ${limit} minutes ahead: from now it can begin at ${clock(toSecond(end), zone)} at the earliest.`,
  HORIZON: ({ limit, start = 0 }, zone) =>
    `Sessions can be booked ${limit} days ahead: up to ${dateAt(start - 1, zone)}, inclusive.`,
  GRID: ({ limit }) => `Sessions begin every ${limit} minutes, counted from the beginning of the coach's hours.`,
  DURATION: ({ durations = [] }) => `A session can last ${durations.join(', ')} minutes.`,
  DAY_FULL: ({ limit, start = 0 }, zone) =>
    `The coach takes at most ${limit} sessions a day: ${dateAt(start, zone)} is full.`,
  WEEK_FULL: ({ limit, start = 0 }, zone) =>
    `The coach takes at most ${limit} sessions a week: the week from ${dateAt(start, zone)} is full.`,
};

function sentenceOf(obstacle: Obstacle, zone: Zone): string {
  return SENTENCES[obstacle.code](obstacle, zone);
}

/** The next whole second: nobody reads out milliseconds. */
function toSecond(instant: number): number {
  return Math.ceil(instant / 1_000) * 1_000;
}

function fromTo({ start = 0, end = 0 }: Pick<Obstacle, 'start' | 'end'>, zone: Zone): string {
  return `from ${clock(start, zone)} to ${clock(end, zone)}`;
}

/** `2030-04-01 09:00`, with seconds when there are any, and the zone. */
function clock(instant: number, zone: Zone): string {
  return `${dateAt(instant, zone)} ${clockTime(instant, zone)} (${zone.name})`;
}

function clockTimes({ start, end }: { readonly start: number; readonly end: number }, zone: Zone): string {
  return `${clockTime(start, zone)} to ${clockTime(end, zone)} (${zone.name})`;
}

function clockTime(instant: number, zone: Zone): string {
  const text = timeText(inCalendar(shownAt(instant, zone))).slice(11, -1);
  return text.endsWith(':00') ? text.slice(0, -3) : text;
}

function dateAt(instant: number, zone: Zone): string {
  return dateOf(Math.floor(inCalendar(shownAt(instant, zone)) / DAY));
}
