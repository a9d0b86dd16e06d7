import { Temporal } from 'temporal-polyfill';
import type { Broken } from './rules.js';

/** A time on the clocks of some zone: `2026-03-02T09:30:00`. */
export type WallTime = string;

/**
 * What becomes of wall times that do not exist or come twice, by the name that Temporal has for it: one that clocks are
 * put forward over is moved later by as much as they are; of one that comes twice, the first is meant.
 */
export const DISAMBIGUATION = 'compatible';

const WALL_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/;
const ZONE = /^[A-Za-z][A-Za-z0-9._+-]*(\/[A-Za-z0-9._+-]+)*$/;

/** A wall time to the minute or the second, with neither zone nor offset. */
export function wallTime(field: string, value: string): Broken {
  if (value === '') return { field, description: 'is required' };
  if (WALL_TIME.test(value) && parsed(value) !== undefined) return undefined;
  return { field, description: 'must be a local time such as 2026-03-02T09:30, without a zone or an offset' };
}

/** A zone that this machine knows. */
export function timeZone(field: string, value: string): Broken {
  if (value === '') return { field, description: 'is required' };
  if (ZONE.test(value) && knows(value)) return undefined;
  return { field, description: 'must be an IANA time zone such as Europe/Zurich' };
}

/** The wall time to the second. It must keep the rule. */
export function toSecond(value: WallTime): WallTime {
  return textOf(Temporal.PlainDateTime.from(value));
}

/** The instant of a wall time in a zone, in epoch milliseconds; see `DISAMBIGUATION`. */
export function instantOf(value: WallTime, zone: string): number {
  return Temporal.PlainDateTime.from(value).toZonedDateTime(zone, { disambiguation: DISAMBIGUATION }).epochMilliseconds;
}

/** The wall time of an instant in a zone. */
export function wallTimeAt(instant: Temporal.Instant, zone: string): WallTime {
  return textOf(instant.toZonedDateTimeISO(zone).toPlainDateTime());
}

/**
 * Moves wall times as the first of them is moved: by as many days, to the same time of day.
 * @param from the first of them, as it was
 * @param to the first of them, as it is to be
 */
export function moveWith(value: WallTime, from: WallTime, to: WallTime): WallTime {
  const target = Temporal.PlainDateTime.from(to);
  const { days } = Temporal.PlainDateTime.from(from).toPlainDate().until(target.toPlainDate());
  const date = Temporal.PlainDateTime.from(value).toPlainDate().add({ days });
  return textOf(date.toPlainDateTime(target.toPlainTime()));
}

function textOf(time: Temporal.PlainDateTime): WallTime {
  return time.toString({ smallestUnit: 'second' });
}

function parsed(value: string): Temporal.PlainDateTime | undefined {
  try {
    return Temporal.PlainDateTime.from(value);
  } catch {
    return undefined;
  }
}

function knows(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
