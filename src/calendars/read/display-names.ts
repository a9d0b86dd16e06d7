import { DAY } from '../../domain/dates.js';
import type { Zone, ZoneRules } from '../../domain/zones/zone-rules.js';

/** `(UTC-05:00) Eastern Time (US & Canada)`, as Windows shows zones; `(GMT+01.00) Bern, Rome` in older documents. */
const DISPLAY_NAME = /^\((?:UTC|GMT)(?:([+-])(\d\d)[:.](\d\d))?\) ?(.+)$/i;

/** `Eastern Time (US & Canada)`. */
const OF_NORTH_AMERICA = / Time \((?:US & )?Canada\)$/i;

/** How long the zones of one name must show the same, from a year ago on: nobody needs more of a calendar. */
const YEARS_ALIKE = 20;
const YEAR = 366 * DAY;

/**
 * The zone that Windows shows by this name; undefined when it is not certain. The offset is that of the winter. Some of
 * the places after it are places of IANA's, in most languages: those that have the offset must agree on all clocks.
 */
export function zoneOfDisplayName(name: string, zoneRules: ZoneRules, now: number): Zone | undefined {
  const [, sign, hours = '0', minutes = '0', places] = DISPLAY_NAME.exec(name) ?? [];
  if (places === undefined) return undefined;
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  const named = new Set(places.split(/[,;:]/).map(asInIana));
  const zones = zoneRules.names().flatMap((one) => {
    const isNamed = named.has(one.slice(one.lastIndexOf('/') + 1).toLowerCase());
    const zone = isNamed ? zoneRules.zone(one) : undefined;
    return zone && winterOffset(zone, now) === offset ? [zone] : [];
  });
  const [first, ...others] = zones;
  return first && others.every((other) => areAlike(first, other, now)) ? first : undefined;
}

function asInIana(place: string): string {
  return place.trim().replace(OF_NORTH_AMERICA, '').replaceAll(' ', '_').toLowerCase();
}

/** The least that clocks are ahead of UTC within a year. */
function winterOffset(zone: Zone, now: number): number {
  return Math.min(...offsets(zone, now, now + YEAR).map(([, offset]) => offset));
}

function areAlike(one: Zone, other: Zone, now: number): boolean {
  const [from, to] = [now - YEAR, now + YEARS_ALIKE * YEAR];
  return `${offsets(one, from, to)}` === `${offsets(other, from, to)}`;
}

/** What clocks are ahead of UTC, each with since when. */
function offsets(zone: Zone, from: number, to: number): [number, number][] {
  const found: [number, number][] = [];
  for (let time = from; time < to; time = zone.changeAfter(time)) found.push([time, zone.offsetAt(time)]);
  return found;
}
