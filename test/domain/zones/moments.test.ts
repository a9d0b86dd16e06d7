import moment from 'moment-timezone';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { DAY } from '../../../src/domain/dates.js';
import { localDay, shownAt, startOfDay } from '../../../src/domain/zones/zone-rules.js';
import { zoneNamed, zoneRules } from '../../support/zone-rules.js';
import { naiveClock } from '../availability/naive-clock.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const ZONES = [
  'Europe/Zurich',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'America/Nuuk',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Havana',
  'Asia/Kathmandu',
  'Asia/Gaza',
  'Pacific/Apia',
  'Pacific/Kwajalein',
  'Antarctica/Troll',
  'UTC',
];

/** When the clocks of a zone change, from one year to another, by the data of moment-timezone. */
function changesOf(name: string, from: number, to: number): number[] {
  const { untils, offsets } = moment.tz.zone(name) as moment.MomentZone;
  return untils.filter((until, index) => {
    const isChange = offsets[index + 1] !== undefined && offsets[index] !== offsets[index + 1];
    return isChange && until !== null && until >= Date.UTC(from, 0) && until < Date.UTC(to, 0);
  });
}

describe.each(ZONES)('%s', (name) => {
  const zone = zoneNamed(name);

  test('the clocks change next when moment-timezone has them change, from 1969 to 2037', () => {
    const found: number[] = [];
    for (let at = Date.UTC(1969, 0); ; ) {
      at = zone.changeAfter(at);
      if (at >= Date.UTC(2037, 0)) break;
      if (zone.offsetAt(at - 1) !== zone.offsetAt(at)) found.push(at);
    }
    expect(found).toEqual(changesOf(name, 1969, 2037));
  });

  test('the first and the last moment of a time, and the offset, are those of a clock that is read every minute', () => {
    const changes = changesOf(name, 1965, 2037);
    // Those of the last decades, and the strangest of all.
    const looked = [...changes.slice(-6), ...changes.filter((_, index) => index % 7 === 0), Date.UTC(2030, 0, 1)];
    for (const change of looked) {
      const clock = naiveClock(name, change - 2 * DAY, change + 2 * DAY);
      const wrong: string[] = [];
      for (let minute = (change - 3 * HOUR) / MINUTE; minute < (change + 3 * HOUR) / MINUTE; minute += 1) {
        const shown = clock.shownAt(minute);
        if (zone.offsetAt(minute * MINUTE) !== (shown - minute) * MINUTE) wrong.push(`offset at ${minute}`);
        // The minute that is shown, and one that may be skipped.
        for (const time of [shown, shown + 90]) {
          const skipped = clock.minuteSkipping(time);
          const first = clock.minutesShowing(time)[0] ?? skipped;
          const last = clock.minutesShowing(time).at(-1) ?? skipped;
          const moments = zone.momentsOf(time * MINUTE);
          if (moments.first !== first! * MINUTE || moments.last !== last! * MINUTE) {
            wrong.push(`${new Date(time * MINUTE).toISOString()}: ${JSON.stringify(moments)}, not ${first} to ${last}`);
          }
        }
      }
      expect({ change: new Date(change).toISOString(), wrong }).toEqual({
        change: new Date(change).toISOString(),
        wrong: [],
      });
    }
  });
});

describe('after the last year that rules name', () => {
  // Node has older rules for some zones, and no tables after 2037.
  const LASTING = ['Europe/Zurich', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'];

  test.each(LASTING)('the clocks of %s go on as those of Temporal, also in the year 9999', (name) => {
    const zone = zoneNamed(name);
    for (const year of [2038, 2100, 2437, 2438, 2837, 5000, 9998]) {
      const instant = new Temporal.ZonedDateTime(BigInt(Date.UTC(year, 0)) * 1_000_000n, name);
      const next = instant.getTimeZoneTransition('next');
      const expected = next && next.epochMilliseconds < Date.UTC(year + 1, 0) ? next.epochMilliseconds : undefined;
      const change = zone.changeAfter(instant.epochMilliseconds);
      expect([year, change < Date.UTC(year + 1, 0) ? change : undefined]).toEqual([year, expected]);
      for (const month of [0, 3, 6, 9]) {
        const noon = Date.UTC(year, month, 15, 12);
        const offset = new Temporal.ZonedDateTime(BigInt(noon) * 1_000_000n, name).offsetNanoseconds / 1_000_000;
        expect([year, month, zone.offsetAt(noon)]).toEqual([year, month, offset]);
      }
    }
  });

  test('the clocks of a zone without summer time never change again', () => {
    expect(zoneNamed('Asia/Kathmandu').changeAfter(Date.UTC(2030, 0))).toBe(Number.POSITIVE_INFINITY);
    expect(zoneNamed('Asia/Kathmandu').changeAfter(Date.UTC(3030, 0))).toBe(Number.POSITIVE_INFINITY);
  });
});

test('a change comes after the moment that is asked about, never at it', () => {
  const zurich = zoneNamed('Europe/Zurich');
  const change = Date.parse('2030-03-31T01:00Z');
  expect(zurich.changeAfter(change - 1)).toBe(change);
  expect(zurich.changeAfter(change)).toBe(Date.parse('2030-10-27T01:00Z'));
});

describe('days', () => {
  const dayOf = (date: string) => Date.parse(`${date}T00:00Z`) / DAY;
  const startOf = (date: string, zone: string) => new Date(startOfDay(dayOf(date), zoneNamed(zone))).toISOString();

  test('an instant is in the day that clocks show then', () => {
    expect(localDay(Date.parse('2030-01-06T23:00Z'), zoneNamed('Europe/Zurich'))).toBe(dayOf('2030-01-07'));
    expect(localDay(Date.parse('2030-01-06T22:59Z'), zoneNamed('Europe/Zurich'))).toBe(dayOf('2030-01-06'));
    expect(localDay(Date.parse('1960-01-01T04:59Z'), zoneNamed('America/New_York'))).toBe(dayOf('1959-12-31'));
  });

  test.each([
    ['an ordinary one', '2030-01-07', 'Europe/Zurich', '2030-01-06T23:00:00.000Z'],
    ['whose midnight is skipped', '2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['whose midnight comes twice begins at the first', '1995-10-29', 'America/St_Johns', '1995-10-29T02:30:00.000Z'],
    ['that is skipped begins where it would have', '2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
  ])('%s', (_, date, zone, expected) => {
    expect(startOf(date, zone)).toBe(expected);
  });

  test('every zone shows what it is ahead of UTC', () => {
    const noon = Date.UTC(2030, 6, 1, 12);
    for (const name of zoneRules.names()) {
      const west = (moment.tz.zone(name) as moment.MomentZone).utcOffset(noon);
      expect([name, shownAt(noon, zoneNamed(name))]).toEqual([name, noon - west * MINUTE]);
    }
  });
});
