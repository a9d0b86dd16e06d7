import { describe, expect, test } from 'vitest';
import { zoneOfWindows } from '../../src/calendars/read/windows-zones.js';
import { zoneRules } from '../support/zone-rules.js';
import { calendar, event, intervals, refusal } from './samples.js';

/** The start of an event at 9:00 in a zone in July, in UTC. */
function nineIn(zoneName: string, ...timezones: string[]): string | undefined {
  const lines = ['UID:1', `DTSTART;TZID=${zoneName}:20300701T090000`, 'DURATION:PT1H'];
  return intervals(calendar(event(...lines), ...timezones))[0]?.slice(11, 17);
}

/** A VTIMEZONE that is so far ahead of UTC all year. */
function timezone(name: string, offset: string): string {
  const observance = ['DTSTART:19700101T000000', 'TZOFFSETFROM:+0000', `TZOFFSETTO:${offset}`];
  return ['BEGIN:VTIMEZONE', `TZID:${name}`, 'BEGIN:STANDARD', ...observance, 'END:STANDARD', 'END:VTIMEZONE'].join(
    '\r\n',
  );
}

describe('a TZID is', () => {
  test.each([
    ['the name of an IANA zone', 'America/New_York', '13:00Z'],
    ['one in quotes', '"Asia/Kolkata"', '03:30Z'],
    ['one in another case', 'europe/london', '08:00Z'],
    ['an old one', 'US/Pacific', '16:00Z'],
    ['UTC', 'Etc/UTC', '09:00Z'],
    ["Windows' name", 'Pacific Standard Time', '16:00Z'],
    ["Windows' name in quotes", '"W. Europe Standard Time"', '07:00Z'],
    ['that of Office for UTC', 'tzone://Microsoft/Utc', '09:00Z'],
    ["an IANA name after a registry's", '/freeassociation.sourceforge.net/Europe/Berlin', '07:00Z'],
    ['one with three parts', '/citadel.org/20210210_1/America/Argentina/Buenos_Aires', '12:00Z'],
    ['an offset', 'GMT+0200', '07:00Z'],
    ['an offset with a colon and without quotes', 'UTC-03:30', '12:30Z'],
    ["what Windows shows for one of North America's", '"(UTC-05:00) Eastern Time (US & Canada)"', '13:00Z'],
    ['what Windows shows, without quotes', '(UTC-08:00) Pacific Time (US & Canada)', '16:00Z'],
    ['what Windows shows for UTC', '(UTC) Coordinated Universal Time', '09:00Z'],
    ['what Windows shows for an offset', '(UTC-11:00) Coordinated Universal Time-11', '20:00Z'],
    ['places that Windows shows', '"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', '07:00Z'],
    ['places in another language', '"(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien"', '07:00Z'],
    ['places of which one has another offset by now', '"(UTC+08:00) Beijing, Hong Kong, Urumqi"', '01:00Z'],
    ['a place of a name of which one has the offset', '"(UTC-07:00) La Paz, Mazatlan"', '16:00Z'],
    ['a place with the offset of its winter', '(UTC+10:00) Canberra, Melbourne, Sydney', '23:00Z'],
    ['a place without an offset', '"(GMT) Greenwich Mean Time : Dublin, London"', '08:00Z'],
    ['an old form of it', '"(GMT-08.00) Pacific Time (US & Canada); Tijuana"', '16:00Z'],
    ['nothing: the zone of the coach', '', '07:00Z'],
  ])('%s', (_, name, expected) => {
    expect(nineIn(name)).toBe(expected);
  });

  test.each([
    ['no place is one of IANA', '(UTC-03:00) Brasilia'],
    ['the place has another offset', '(UTC+02:00) Berlin'],
    ['the places do not agree', '(UTC-07:00) Mountain Time (US & Canada), Arizona'],
    ['the offset is that of summer', '(UTC-04:00) Eastern Time (US & Canada)'],
    ['there is no place', '(UTC-05:00)'],
  ])('unknown, as Windows shows it, if %s', (_, name) => {
    const text = calendar(event('UID:1', `DTSTART;TZID="${name}":20300701T090000`, 'DURATION:PT1H'));
    expect(refusal(text).message).toContain(`the time zone "${name}" is unknown`);
  });

  test("IANA's rather than the document's", () => {
    expect(nineIn('America/New_York', timezone('America/New_York', '+0900'))).toBe('13:00Z');
  });

  test("the document's rather than Windows'", () => {
    expect(nineIn('Pacific Standard Time', timezone('Pacific Standard Time', '+0900'))).toBe('00:00Z');
  });

  test("the document's, which may be after the event and have any name", () => {
    expect(nineIn('"(UTC+01:00) Bern; Rome"', timezone('(UTC+01:00) Bern; Rome', '+0545'))).toBe('03:15Z');
    expect(nineIn('(UTC+01:00) Bern', timezone('(UTC+01:00) Bern', '+0545'))).toBe('03:15Z');
    expect(nineIn('"(GMT+01.00) Bern, Rome"', timezone('(GMT+01.00) Bern\\, Rome', '+0545'))).toBe('03:15Z');
    expect(nineIn('(GMT+01.00) Bern\\, Rome', timezone('(GMT+01.00) Bern\\, Rome', '+0545'))).toBe('03:15Z');
  });
});

test('times without a zone, and dates, are in the zone of the coach', () => {
  const text = calendar(
    event('UID:1', 'DTSTART:20300102T090000', 'DURATION:PT1H'),
    event('UID:2', 'DTSTART;VALUE=DATE:20300103'),
  );
  expect(intervals(text, 'America/New_York')).toEqual([
    '2030-01-02T14:00Z/2030-01-02T15:00Z',
    '2030-01-03T05:00Z/2030-01-04T05:00Z',
  ]);
});

describe('a VTIMEZONE', () => {
  /** The starts at 9:00 of a series over the days at which clocks change, in UTC. */
  function nineOn(dates: readonly string[], ...lines: string[]): string[] {
    const rdates = dates.map((date) => `T${date}`.replace(/^T(.*)$/, '$1T090000')).join(',');
    const series = ['UID:1', `DTSTART;TZID=Own:${dates[0]}T090000`, 'DURATION:PT1H', `RDATE;TZID=Own:${rdates}`];
    const text = calendar('BEGIN:VTIMEZONE', 'TZID:Own', ...lines, 'END:VTIMEZONE', event(...series));
    return intervals(text).map((one) => one.slice(11, 17));
  }
  const standard = (...lines: string[]) => ['BEGIN:STANDARD', ...lines, 'END:STANDARD'];
  const daylight = (...lines: string[]) => ['BEGIN:DAYLIGHT', ...lines, 'END:DAYLIGHT'];

  test('has two rules without an end', () => {
    const [from, to] = ['TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200'];
    const lines = [
      ...daylight(from, to, 'DTSTART:16010101T020000', 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU'),
      ...standard(
        'TZOFFSETFROM:+0200',
        'TZOFFSETTO:+0100',
        'DTSTART:16010101T030000',
        'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10',
      ),
    ];
    expect(nineOn(['20300330', '20300331', '20301026', '20301027'], ...lines)).toEqual([
      '08:00Z',
      '07:00Z',
      '07:00Z',
      '08:00Z',
    ]);
  });

  test('has rules that have ended, of which the last change stays', () => {
    const lines = [
      ...daylight(
        'TZOFFSETFROM:+0300',
        'TZOFFSETTO:+0400',
        'DTSTART:19930328T020000',
        'RRULE:FREQ=YEARLY;UNTIL=20100327T230000Z;BYMONTH=3;BYDAY=-1SU',
      ),
      ...standard(
        'TZOFFSETFROM:+0400',
        'TZOFFSETTO:+0300',
        'DTSTART:19931031T030000',
        'RRULE:FREQ=YEARLY;UNTIL=20091024T230000Z;BYMONTH=10;BYDAY=-1SU',
      ),
      ...standard('TZOFFSETFROM:+0400', 'TZOFFSETTO:+0330', 'DTSTART:20301101T020000'),
    ];
    expect(nineOn(['20300701', '20301102'], ...lines)).toEqual(['05:00Z', '05:30Z']);
  });

  test('changes its clocks when they show the time of the change, before it', () => {
    const lines = daylight('TZOFFSETFROM:+0100', 'TZOFFSETTO:+0500', 'DTSTART:20300301T020000');
    const own = ['BEGIN:VTIMEZONE', 'TZID:Own', ...lines, 'END:VTIMEZONE'];
    const at = (time: string) => event(`UID:${time}`, `DTSTART;TZID=Own:20300301T${time}`, 'DURATION:PT1M');
    const times = intervals(calendar(...own, at('015900'), at('060000')));
    expect(times.map((one) => one.slice(11, 17))).toEqual(['00:59Z', '01:00Z']);
  });

  test('lists its changes', () => {
    const lines = [
      ...standard('TZOFFSETFROM:+0000', 'TZOFFSETTO:+0100', 'DTSTART:20300201T000000', 'RDATE:20300401T000000'),
      ...daylight('TZOFFSETFROM:+0100', 'TZOFFSETTO:+0500', 'DTSTART:20300301T000000'),
    ];
    expect(nineOn(['20300115', '20300215', '20300315', '20300415'], ...lines)).toEqual([
      '09:00Z',
      '08:00Z',
      '04:00Z',
      '08:00Z',
    ]);
  });
});

test('the zones of Windows are zones of our rules', () => {
  const names = ['Eastern Standard Time', 'India Standard Time', 'Samoa Standard Time', 'UTC', 'UTC-11', 'UTC+12'];
  expect(names.map((name) => zoneRules.zone(zoneOfWindows(name) ?? '')?.name)).not.toContain(undefined);
  expect(zoneOfWindows('Elsewhere Standard Time')).toBeUndefined();
});
