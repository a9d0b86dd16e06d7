import moment from 'moment-timezone';
import { describe, expect, test } from 'vitest';
import { readZoneRules } from '../../../src/domain/zones/zone-rules.js';
import { zoneNamed, zoneRules } from '../../support/zone-rules.js';

const HOUR = 3_600_000;

/** When the clocks of a zone show a time. */
function instant(zone: string, shown: string): string {
  return new Date(zoneNamed(zone).instantOf(Date.parse(`${shown}Z`))).toISOString().replace('.000Z', 'Z');
}

describe('an instant', () => {
  test.each([
    [
      'British Columbia stays on summer time, from 2026b on',
      'America/Vancouver',
      '2026-12-07T09:00',
      '2026-12-07T16:00:00Z',
    ],
    ['and did not before', 'America/Vancouver', '2025-12-08T09:00', '2025-12-08T17:00:00Z'],
    [
      'clocks are put forward: a time that they skip is moved later',
      'Europe/Zurich',
      '2031-03-30T02:30',
      '2031-03-30T01:30:00Z',
    ],
    ['the last minute before', 'Europe/Zurich', '2031-03-30T01:59', '2031-03-30T00:59:00Z'],
    ['the first one after', 'Europe/Zurich', '2031-03-30T03:00', '2031-03-30T01:00:00Z'],
    [
      'clocks are put back: of a time that they show twice, the first is meant',
      'Europe/Zurich',
      '2031-10-26T02:30',
      '2031-10-26T00:30:00Z',
    ],
    ['the first one that they show once again', 'Europe/Zurich', '2031-10-26T03:00', '2031-10-26T02:00:00Z'],
    ['by half an hour', 'Australia/Lord_Howe', '2031-10-05T02:15', '2031-10-04T15:45:00Z'],
    ['before midnight, the day before', 'America/Nuuk', '2031-03-29T23:30', '2031-03-30T01:30:00Z'],
    ['a whole day is skipped', 'Pacific/Apia', '2011-12-30T09:00', '2011-12-30T19:00:00Z'],
    ['winter time is the exception', 'Europe/Dublin', '2031-01-15T09:00', '2031-01-15T09:00:00Z'],
    ['Morocco stays on UTC, a change of 2026', 'Africa/Casablanca', '2027-01-15T09:00', '2027-01-15T09:00:00Z'],
    ['by a table of years', 'Asia/Gaza', '2040-09-15T09:00', '2040-09-15T07:00:00Z'],
    ['by the table up to its last year', 'Asia/Gaza', '2086-05-20T09:00', '2086-05-20T07:00:00Z'],
    ['by the rules that stay after the table', 'Asia/Gaza', '2087-05-20T09:00', '2087-05-20T06:00:00Z'],
    ['south of the equator, in the year 2100', 'Australia/Sydney', '2100-01-15T09:00', '2100-01-14T22:00:00Z'],
    ['in the years of the next cycle', 'Europe/Zurich', '2700-07-15T09:00', '2700-07-15T07:00:00Z'],
    ['in the year 9999', 'America/New_York', '9999-07-01T09:00', '9999-07-01T13:00:00Z'],
    ['on the last day of all', 'UTC', '9999-12-31T23:59', '9999-12-31T23:59:00Z'],
    ['before there were zones', 'Europe/Zurich', '0001-01-01T09:00', '0001-01-01T08:25:52Z'],
    ['a rule that sets in with its era', 'America/Indiana/Knox', '2006-04-02T02:30', '2006-04-02T07:30:00Z'],
    ['by another name of a zone', 'US/Pacific', '2031-01-15T09:00', '2031-01-15T17:00:00Z'],
  ])('%s', (_, zone, shown, expected) => {
    expect(instant(zone, shown)).toBe(expected);
  });
});

test('moment-timezone, whose data zic made, has the same release', () => {
  expect(moment.tz.dataVersion).toBe(zoneRules.version);
});

test('every zone changes when moment-timezone has it change, from 1970 to 2037', () => {
  const wrong: string[] = [];
  for (const name of zoneRules.names()) {
    const { untils, offsets } = moment.tz.zone(name) as moment.MomentZone;
    for (const [index, until] of untils.entries()) {
      if (!(until > 0 && until < Date.UTC(2037, 11, 31))) continue;
      // Hours away, so that no time is skipped or shown twice.
      const around = [
        [until - 30 * HOUR, offsets[index]!],
        [until + 30 * HOUR, offsets[index + 1]!],
      ] as const;
      for (const [time, west] of around) {
        if (until < 30 * HOUR || zoneNamed(name).instantOf(time - west * 60_000) === time) continue;
        wrong.push(`${name} at ${new Date(time).toISOString()}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('every zone goes on after 2037 as in Node, if it does until then', () => {
  const years = [2036, 2037, 2038, 2052, 2087, 2100, 2149];
  const wrong: string[] = [];
  for (const name of zoneRules.names()) {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    const agree = years.map((year) =>
      [0, 3, 6, 9].every((month) => {
        const time = Date.UTC(year, month, 15, 12);
        return zoneNamed(name).instantOf(time + offsetIn(format.format(time))) === time;
      }),
    );
    if (agree[0] && agree[1] && agree.includes(false)) wrong.push(`${name}: ${years[agree.indexOf(false)]}`);
  }
  // Node has no tables of the years after 2037.
  expect(wrong.filter((one) => !/Gaza|Hebron/.test(one))).toEqual([]);
});

/** `1/15/2038, GMT-07:00` in milliseconds */
function offsetIn(text: string): number {
  const [, sign, hours = '0', minutes = '0'] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(text) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * 60_000);
}

describe('names', () => {
  test('have the case in which IANA writes them', () => {
    const names = ['europe/zurich', 'AMERICA/PORT-AU-PRINCE', 'etc/gmt+1', 'Asia/Ust-nera', 'us/pacific'];
    expect(names.map((name) => zoneNamed(name).name)).toEqual([
      'Europe/Zurich',
      'America/Port-au-Prince',
      'Etc/GMT+1',
      'Asia/Ust-Nera',
      'US/Pacific',
    ]);
  });

  test.each([
    'SystemV/PST8',
    'US/Pacific-New',
    'Factory',
    'Etc/Unknown',
    'PST',
    'Asia/Bang\u212aok',
    '+02:00',
    '',
    'constructor',
  ])('%s is none', (name) => {
    expect(zoneRules.zone(name)).toBeUndefined();
  });
});

describe('a release', () => {
  const release = (...lines: string[]) => readZoneRules(['# version 2030a', ...lines].join('\n'));

  test('may be written in full, with comments', () => {
    const rules = release(
      'Rule  Land  1990  max  -  Mar  lastSun  1:00u  1:00  S  # summer',
      'Rule  Land  1990  max  -  Oct  lastSunday  1:00u  0  -',
      '',
      'Zone  Some/Where  1:00  Land  CE%sT',
      'Link  Some/Where  Else/Where',
      'Link  Else/Where  No/Where',
    );
    expect(rules.version).toBe('2030a');
    expect(rules.zone('no/where')?.instantOf(Date.UTC(2031, 6, 1, 9))).toBe(Date.UTC(2031, 6, 1, 7));
  });

  test.each([
    [
      'without a version',
      () => readZoneRules('Z Some/Where 1 - CET'),
      'line 1 must name the version, as in "# version 2026f"',
    ],
    ['with another word', () => release('Leap 2030 Jan'), 'line 2: is no Rule, Zone or Link'],
    ['with a year that is none', () => release('R Land x o - Mar 1 0 1 S'), 'line 2: x is no year'],
    ['with a month that is none', () => release('R Land 1990 o - Foo 1 0 1 S'), 'line 2: Foo is no month'],
    ['with a day that is none', () => release('R Land 1990 o - Mar x 0 1 S'), 'line 2: x is no day'],
    ['with a weekday that is none', () => release('R Land 1990 o - Mar lastFoo 0 1 S'), 'line 2: Foo is no weekday'],
    ['with a time that is none', () => release('R Land 1990 o - Mar 1 noon 1 S'), 'line 2: noon is no time'],
    ['with a zone whose rules are missing', () => release('Z Some/Where 1 Land CET'), 'line 2: Land is no time'],
    ['with a line that ends too soon', () => release('Z'), 'line 2: has too few fields'],
    ['with a link to nothing', () => release('L Some/Where Else/Where'), 'the link Some/Where leads to no zone'],
    ['with links in a circle', () => release('L A B', 'L B A'), 'the link A leads to no zone'],
  ])('%s is refused', (_, read, message) => {
    expect(read).toThrow(message);
  });
});
