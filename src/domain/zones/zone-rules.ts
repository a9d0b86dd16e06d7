import { dayNumber } from '../recurrence/days.js';
import { type Changes, changesOf } from './changes.js';
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
}

const DAY = 86_400_000;

/** The zone of computers whose zone nobody set: no place for a series. */
const UNSET = 'Factory';

/** After 400 years the days of the calendar come again, with the same weekdays. */
const CYCLE_YEARS = 400;
const CYCLE = 146_097 * DAY;

/** The longest way from what clocks show to UTC and back, with room to spare. */
const LONGEST_OFFSET = 2 * DAY;

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
  return {
    name,
    instantOf(shown) {
      const cycles = shown < end ? 0 : Math.floor((shown - end) / CYCLE) + 1;
      return firstShowing(changes, shown - cycles * CYCLE) + cycles * CYCLE;
    },
  };
}

/** The last year for which there is something else than rules without an end. */
function lastNamedYear(eras: readonly Era[]): number {
  const rules = eras.flatMap(({ saving }) => (typeof saving === 'number' ? [] : saving));
  const years = rules.flatMap(({ firstYear, lastYear }) => [firstYear, Number.isFinite(lastYear) ? lastYear : 0]);
  return Math.max(0, ...years, ...eras.map(({ until }) => until?.year ?? 0));
}

function firstShowing({ starts, offsets }: Changes, shown: number): number {
  for (let index = lastBefore(starts, shown - LONGEST_OFFSET); index < starts.length; index += 1) {
    const instant = shown - offsets[index]!;
    // Clocks were put forward over the time: it counts as if they had not been put yet.
    if (instant < starts[index]!) return shown - offsets[index - 1]!;
    if (instant < (starts[index + 1] ?? Number.POSITIVE_INFINITY)) return instant;
  }
  throw new Error('the last change has no end');
}

/** The index of the last start at or before an instant; the first is before all. */
function lastBefore(starts: readonly number[], instant: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= instant) low = middle;
    else high = middle;
  }
  return low;
}
