import { utc, type Zone, type ZoneRules } from '../../domain/zones/zone-rules.js';
import type { Component } from './components.js';
import { zoneOfDisplayName } from './display-names.js';
import { zoneOfDocument } from './document-zone.js';
import { CalendarRefused, quoted } from './refusal.js';
import { type TimeText, textOf } from './values.js';
import { zoneOfWindows } from './windows-zones.js';
import type { Work } from './work.js';

/** A moment, and what it is in its document. */
export interface Moment {
  /** Whether only the date is meant. */
  readonly isDate: boolean;
  /** What the clocks of the zone show, as if they showed UTC, in epoch milliseconds; of a date, its midnight. */
  readonly shown: number;
  readonly zone: Zone;
  /** Epoch milliseconds; of a date, the first moment. */
  readonly instant: number;
}

/** Reads times of one VCALENDAR. Throws CalendarRefused for a zone that cannot be known. */
export type Clocks = (time: TimeText) => Moment;

/** `tzone://Microsoft/Utc` in documents of Office; Windows shows `(UTC) Coordinated Universal Time`. */
const OFFICE_UTC = /^(?:tzone:\/\/microsoft\/utc|\(UTC\) Coordinated Universal Time)$/i;

/** `UTC+02:00`, `GMT-0330`; of Windows `(UTC-11:00) Coordinated Universal Time-11`. */
const AHEAD_OF_UTC = /^\(?(?:UTC|GMT)([+-])(\d{1,2})(?::?(\d\d))?(?:\) Coordinated Universal Time[+-]\d\d)?$/i;

/**
 * The clocks of a VCALENDAR: a TZID is the name of an IANA zone if it is one, else that of a VTIMEZONE of the calendar,
 * else a name that other programs give to an IANA zone. Times without a zone, and dates, are in the coach's zone.
 */
export function clocksOf(
  calendar: Component,
  { zone: ofCoach, zoneRules, now, work }: { zone: Zone; zoneRules: ZoneRules; now: number; work: Work },
): Clocks {
  const timezones = new Map<string, Component>();
  for (const one of calendar.components) {
    const name = one.name === 'VTIMEZONE' ? textOf(one.lines.get('TZID')?.[0]) : undefined;
    if (name !== undefined && !timezones.has(plain(name))) timezones.set(plain(name), one);
  }
  /** The zones that were asked for; undefined those that nobody knows. */
  const found = new Map<string, Zone | undefined>();

  function zoneNamed(name: string, line: number): Zone {
    if (!found.has(name)) {
      found.set(name, zoneRules.zone(name) ?? ofDocument(name) ?? ofOthers(name, zoneRules, now));
    }
    const zone = found.get(name);
    if (zone) return zone;
    const rule = 'it is no IANA name, no name of Windows, and the document has no VTIMEZONE for it';
    throw new CalendarRefused('unknown zone', `the time zone ${quoted(name)} is unknown: ${rule}`, line);
  }

  function ofDocument(name: string): Zone | undefined {
    const timezone = timezones.get(name);
    return timezone && zoneOfDocument(name, timezone, now, work);
  }

  return ({ kind, shown, zoneName, line }) => {
    const zone = kind === 'utc' ? utc : zoneName ? zoneNamed(plain(zoneName), line) : ofCoach;
    return kind === 'date' ? dateAt(shown, ofCoach) : momentAt(shown, zone);
  };
}

/** The moment that clocks make of a time; undefined in a zone that cannot be known. */
export function momentIfKnown(time: TimeText, clocks: Clocks): Moment | undefined {
  try {
    return clocks(time);
  } catch (error) {
    if (isOfUnknownZone(error)) return undefined;
    throw error;
  }
}

/** Whether clocks refused a time because of its zone. */
export function isOfUnknownZone(error: unknown): boolean {
  return error instanceof CalendarRefused && error.why === 'unknown zone';
}

/** A name without the quotes and backslashes that some programs write in only one of the places. */
function plain(name: string): string {
  return name.replace(/^"|"$/g, '').replace(/\\([,;:\\])/g, '$1');
}

/** When clocks show a time. */
export function momentAt(shown: number, zone: Zone): Moment {
  return { isDate: false, shown, zone, instant: zone.instantOf(shown) };
}

/** A date in a zone, by its midnight. */
export function dateAt(midnight: number, zone: Zone): Moment {
  return { isDate: true, shown: midnight, zone, instant: zone.momentsOf(midnight).first };
}

/** The zone that other programs call by this name. */
function ofOthers(name: string, zoneRules: ZoneRules, now: number): Zone | undefined {
  if (OFFICE_UTC.test(name)) return utc;
  const ofWindows = zoneOfWindows(name);
  return (
    (ofWindows && zoneRules.zone(ofWindows)) ||
    ofRegistry(name, zoneRules) ||
    aheadOfUtc(name) ||
    zoneOfDisplayName(name, zoneRules, now)
  );
}

/** `/mozilla.org/20050126_1/Europe/Zurich`: IANA's name is at the end. */
function ofRegistry(name: string, zoneRules: ZoneRules): Zone | undefined {
  if (!name.startsWith('/') || name.length > 255) return undefined;
  const parts = name.split('/');
  for (let index = 1; index < parts.length; index += 1) {
    const zone = zoneRules.zone(parts.slice(index).join('/'));
    if (zone) return zone;
  }
  return undefined;
}

function aheadOfUtc(name: string): Zone | undefined {
  const [, sign, hours, minutes = '0'] = AHEAD_OF_UTC.exec(name) ?? [];
  if (hours === undefined) return undefined;
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  return {
    name,
    instantOf: (shown) => shown - offset,
    momentsOf: (shown) => ({ first: shown - offset, last: shown - offset }),
    offsetAt: () => offset,
    changeAfter: () => Number.POSITIVE_INFINITY,
  };
}
