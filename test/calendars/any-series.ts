import fc from 'fast-check';

/** A recurrence rule, as its parts. */
export interface AnyRule {
  readonly FREQ: 'HOURLY' | 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  readonly INTERVAL: number;
  readonly COUNT?: number | undefined;
  readonly WKST?: string | undefined;
  readonly BYMONTH?: readonly number[] | undefined;
  readonly BYWEEKNO?: readonly number[] | undefined;
  readonly BYYEARDAY?: readonly number[] | undefined;
  readonly BYMONTHDAY?: readonly number[] | undefined;
  readonly BYDAY?: readonly string[] | undefined;
  readonly BYHOUR?: readonly number[] | undefined;
  readonly BYMINUTE?: readonly number[] | undefined;
  readonly BYSETPOS?: readonly number[] | undefined;
}

/** A series: what clocks show at its first time, how long it lasts, and the places of the times that are taken out. */
export interface AnySeries {
  readonly rule: AnyRule;
  /** From 1 January 1970, in days; what the clocks show there, in minutes. */
  readonly day: number;
  readonly minute: number;
  readonly isDate: boolean;
  /** In hours, or days for dates. */
  readonly length: number;
}

export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

const some = <Value>(one: fc.Arbitrary<Value>, maxLength = 3) =>
  fc.option(fc.uniqueArray(one, { minLength: 1, maxLength }), { nil: undefined, freq: 1 });
const seldom = <Value>(one: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some(one) });

const place = (most: number) => fc.integer({ min: -most, max: most }).map((number) => number || 1);
const weekday = fc.constantFrom(...WEEKDAYS);

const anyParts = fc.record({
  INTERVAL: fc.constantFrom(1, 1, 1, 2, 3, 5),
  COUNT: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
  WKST: fc.constantFrom(undefined, 'MO', 'SU'),
  BYMONTH: seldom(fc.integer({ min: 1, max: 12 })),
});

/** Rules with the parts that RFC 5545 lets them have. */
export const anyRule: fc.Arbitrary<AnyRule> = anyParts.chain((parts) =>
  fc.oneof(
    fc.record({
      ...constants(parts),
      FREQ: fc.constant('DAILY' as const),
      BYDAY: some(weekday),
      BYMONTHDAY: seldom(place(31)),
      BYHOUR: some(fc.constantFrom(0, 2, 7, 23)),
      BYMINUTE: seldom(fc.constantFrom(0, 15, 59)),
    }),
    fc.record({
      ...constants(parts),
      FREQ: fc.constant('WEEKLY' as const),
      BYDAY: some(weekday),
      BYHOUR: seldom(fc.constantFrom(0, 7, 23)),
      BYSETPOS: fc.constant(undefined),
    }),
    fc.record({
      ...constants(parts),
      FREQ: fc.constant('MONTHLY' as const),
      BYDAY: some(
        fc.oneof(
          weekday,
          fc.tuple(place(5), weekday).map((both) => both.join('')),
        ),
      ),
      BYMONTHDAY: seldom(place(31)),
      BYSETPOS: seldom(fc.constantFrom(1, 2, -1, -2)),
    }),
    fc.record({
      ...constants(parts),
      FREQ: fc.constant('YEARLY' as const),
      BYDAY: some(
        fc.oneof(
          weekday,
          fc.tuple(place(5), weekday).map((both) => both.join('')),
        ),
      ),
      BYMONTHDAY: seldom(place(31)),
      BYSETPOS: seldom(fc.constantFrom(1, 2, -1, -2)),
    }),
    fc.record({
      ...constants(parts),
      FREQ: fc.constant('YEARLY' as const),
      BYWEEKNO: some(place(53)),
      BYDAY: fc.uniqueArray(weekday, { minLength: 1, maxLength: 3 }),
      BYSETPOS: seldom(fc.constantFrom(1, -1)),
    }),
    fc.record({
      ...constants(parts),
      FREQ: fc.constant('YEARLY' as const),
      BYYEARDAY: some(place(366)),
      BYDAY: seldom(weekday),
    }),
    fc.record({
      ...constants({ ...parts, INTERVAL: 7 * parts.INTERVAL }),
      FREQ: fc.constant('HOURLY' as const),
      BYDAY: some(weekday),
      BYHOUR: some(fc.constantFrom(0, 2, 7, 23)),
      BYMONTHDAY: seldom(place(31)),
    }),
  ),
);

export const anySeries: fc.Arbitrary<AnySeries> = fc.record({
  rule: anyRule,
  // From 2028 to 2030.
  day: fc.integer({ min: 21_200, max: 22_200 }),
  minute: fc.constantFrom(0, 150, 540, 1439),
  isDate: fc.boolean(),
  length: fc.constantFrom(1, 2, 30),
});

/** The rule without what dates cannot have, if it is for dates. */
export function ruleOf({ rule, isDate }: AnySeries): AnyRule {
  if (!isDate) return rule;
  const { BYHOUR: _, BYMINUTE: __, ...ofDates } = rule;
  return rule.FREQ === 'HOURLY' ? { ...ofDates, FREQ: 'DAILY' } : ofDates;
}

/** The lines of a VEVENT with the series, in a zone. */
export function linesOf(series: AnySeries, zoneName: string): string[] {
  const date = new Date(series.day * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
  const time = `${Math.floor(series.minute / 60)}`.padStart(2, '0') + `${series.minute % 60}`.padStart(2, '0');
  const parts = Object.entries(ruleOf(series)).filter(([, value]) => value !== undefined);
  return [
    'UID:series',
    series.isDate ? `DTSTART;VALUE=DATE:${date}` : `DTSTART;TZID=${zoneName}:${date}T${time}00`,
    series.isDate ? `DURATION:P${series.length}D` : `DURATION:PT${series.length}H`,
    `RRULE:${parts.map(([name, value]) => `${name}=${value}`).join(';')}`,
  ];
}

function constants<Parts extends object>(parts: Parts): { [Name in keyof Parts]: fc.Arbitrary<Parts[Name]> } {
  const entries = Object.entries(parts).map(([name, value]) => [name, fc.constant(value)]);
  return Object.fromEntries(entries) as { [Name in keyof Parts]: fc.Arbitrary<Parts[Name]> };
}
