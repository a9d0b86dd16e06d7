import { DAY } from '../dates.js';
import { dayNumber } from '../recurrence/days.js';
import { changesOf } from './changes.js';
import { zoneOfChanges } from './clocks.js';
import { type Era, readTzSource } from './tz-source.js';

/** The rules of all time zones: one release of the IANA time zone database. */
export interface ZoneRules {
  /** The name of the release: `2026f`. */
  readonly version: string;
  /** The zone of a name, in whatever case; undefined when the release has no such name. */
  zone(name: string): Zone | undefined;
  /** All names that zones have. */
  names(): readonly string[];
}

/** What the clocks of a zone show when. */
export interface Zone {
  /** As IANA writes it. A name that only links to another zone stays as it is. */
  readonly name: string;
  /**
   * When the clocks show a time. A time that they skip moves later by as much as they skip; of a time that they show
   * twice, the first counts.
   * @param shown what the clocks show, as if they showed UTC, in epoch milliseconds
   */
  instantOf(shown: number): number;
  /**
   * The first and the last moment at which the clocks show a time. For a time that they skip, both are the moment at
   * which they skip it.
   * @param shown as for `instantOf`
   */
  momentsOf(shown: number): { readonly first: number; readonly last: number };
  /** What the clocks are ahead of UTC at an instant, in milliseconds. */
  offsetAt(instant: number): number;
  /** When the clocks change next after an instant; infinity when they never do again. */
  changeAfter(instant: number): number;
}

/** The zone of coaches without one, also of a release that does not have it. */
export const utc: Zone = {
  name: 'UTC',
  instantOf: (shown) => shown,
  momentsOf: (shown) => ({ first: shown, last: shown }),
  offsetAt: () => 0,
  changeAfter: () => Number.POSITIVE_INFINITY,
};

/** What the clocks of a zone show at an instant, as if they showed UTC, in epoch milliseconds. */
export function shownAt(instant: number, zone: Zone): number {
  return instant + zone.offsetAt(instant);
}

/** The day on which an instant is in a zone, in days from 1 January 1970. */
export function localDay(instant: number, zone: Zone): number {
  return Math.floor(shownAt(instant, zone) / DAY);
}

/** The first moment of a day in a zone. A day that the clocks skip begins when they skip it. */
export function startOfDay(day: number, zone: Zone): number {
  return zone.momentsOf(day * DAY).first;
}

/** The zone of computers whose zone nobody set: no place for a series. */
const UNSET = 'Factory';

/** After 400 years the days of the calendar come again, with the same weekdays. */
const CYCLE_YEARS = 400;
const CYCLE = 146_097 * DAY;

/**
 * Reads a release from the text of tzdata.zi. Throws an error that names the line, when the text has another form.
 * Zones are worked out when they are asked for, in about a millisecond.
 */
export function readZoneRules(text: string): ZoneRules {
  const { version, zones, links } = readTzSource(text);
  const names = [...zones.keys(), ...links.keys()].filter((name) => name !== UNSET);
  const byLowerCase = new Map(names.map((name) => [name.toLowerCase(), name]));
  const known = new Map<string, Zone>();

  function zoneNamed(name: string): Zone {
    const zone = known.get(name) ?? zoneOf(name, erasOf(name));
    known.set(name, zone);
    return zone;
  }

  // A link may be to a link.
  function erasOf(name: string, steps = 0): readonly Era[] {
    const eras = zones.get(name);
    if (eras) return eras;
    const target = links.get(name);
    if (target === undefined || steps > links.size) throw new Error(`the link ${name} leads to no zone`);
    return erasOf(target, steps + 1);
  }
  for (const link of links.keys()) erasOf(link);

  return {
    version,
    zone(name) {
      // Some letters of other alphabets have ASCII letters as their lower case.
      const known = /^[\x21-\x7e]+$/.test(name) ? byLowerCase.get(name.toLowerCase()) : undefined;
      return known === undefined ? undefined : zoneNamed(known);
    },
    names: () => names,
  };
}

function zoneOf(name: string, eras: readonly Era[]): Zone {
  // From some year on only rules without an end are in force, and all comes again in each cycle.
  const settled = lastNamedYear(eras) + 1;
  const changes = changesOf(eras, settled + CYCLE_YEARS + 1);
  const end = dayNumber(settled + CYCLE_YEARS, 1, 1) * DAY;
  /** How much earlier the same clocks are looked up. */
  const earlier = (time: number) => (time < end ? 0 : (Math.floor((time - end) / CYCLE) + 1) * CYCLE);
  const clocks = zoneOfChanges(name, changes);
  return {
    name,
    instantOf(shown) {
      const shift = earlier(shown);
      return clocks.instantOf(shown - shift) + shift;
    },
    momentsOf(shown) {
      const shift = earlier(shown);
      const { first, last } = clocks.momentsOf(shown - shift);
      return { first: first + shift, last: last + shift };
    },
    offsetAt: (instant) => clocks.offsetAt(instant - earlier(instant)),
    changeAfter(instant) {
      const shift = earlier(instant);
      return clocks.changeAfter(instant - shift) + shift;
    },
  };
}

/** The last year for which there is something else than rules without an end. */
function lastNamedYear(eras: readonly Era[]): number {
  const rules = eras.flatMap(({ saving }) => (typeof saving === 'number' ? [] : saving));
  const years = rules.flatMap(({ firstYear, lastYear }) => [firstYear, Number.isFinite(lastYear) ? lastYear : 0]);
  return Math.max(0, ...years, ...eras.map(({ until }) => until?.year ?? 0));
}
