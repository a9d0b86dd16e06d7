import { describe, expect, test } from 'vitest';
import { decodeCalendar } from '../../src/calendars/read/decode.js';
import { calendar, event, read, refusal } from './samples.js';

const MEETING = event('UID:1', 'DTSTART:20300102T090000Z', 'DURATION:PT1H');

describe('a document is refused in a sentence', () => {
  test.each([
    ['empty', '', 'the document is empty'],
    ['empty', '\ufeff\r\n \r\n', 'the document is empty'],
    [
      'not a calendar',
      '<!DOCTYPE html>\n<html><title>Sign in</title></html>',
      'the document is a web page, perhaps one to sign in, and no calendar: it must begin with BEGIN:VCALENDAR; it ' +
        'begins with "<!DOCTYPE html>"',
    ],
    [
      'not a calendar',
      '{"error":"not found"}',
      'the document is no calendar: it must begin with BEGIN:VCALENDAR; it begins with "{"error":"not found"}"',
    ],
    ['not a calendar', MEETING, /it begins with "BEGIN:VEVENT"$/],
    ['cut off', calendar(MEETING).slice(0, 150), 'line 4: the document is cut off: BEGIN:VEVENT has no END'],
    [
      'cut off',
      calendar(MEETING).replace('END:VCALENDAR', 'END:VCAL'),
      'line 1: the document is cut off: BEGIN:VCALENDAR has no END',
    ],
    ['cut off', calendar(MEETING).replace('END:VCALENDAR', ''), /^line 1: the document is cut off: BEGIN:VCALENDAR/],
    [
      'unreadable',
      calendar(MEETING.replace('END:VEVENT', '')),
      'line 10: "END:VCALENDAR" comes after BEGIN:VEVENT in line 4',
    ],
    ['unreadable', calendar(`BEGIN:VEVENT\r\n${MEETING}\r\nEND:VEVENT`), 'line 5: BEGIN:VEVENT must be in a VCALENDAR'],
    ['unreadable', calendar() + MEETING, 'line 5: BEGIN:VEVENT must be in a VCALENDAR'],
    ['unreadable', calendar(calendar()), 'line 4: BEGIN:VCALENDAR must not be in anything'],
  ])('%s: %j', (why, text, message) => {
    expect(refusal(text)).toMatchObject({ why });
    expect(refusal(text).message).toEqual(message instanceof RegExp ? expect.stringMatching(message) : message);
  });

  test.each([
    ['DTSTART:tomorrow', 'a date is such as 20300124, a time such as 20300124T093000 or 20300124T093000Z'],
    ['DTSTART:20300230T090000', 'a date is such as'],
    ['DTSTART:20300102T096000', 'a date is such as'],
    ['DTSTART:20300102T250000', 'a date is such as'],
    ['DTSTART;VALUE=DATE:20301301', 'a date is such as'],
    ['DTEND:20300102T', 'a date is such as'],
    ['DTEND:20300102T110000+0200', 'a date is such as'],
    ['DTEND:2030-01-02T11:00:00Z', 'a date is such as'],
    ['DURATION:1 hour', 'a duration is such as PT1H30M'],
    ['DURATION:PT', 'a duration is such as PT1H30M'],
    ['RRULE:FREQ=FORTNIGHTLY', 'invalid frequency'],
    ['RRULE:freq=fortnightly', 'invalid frequency'],
    ['RRULE:COUNT=2', 'a rule needs a FREQ'],
    ['RRULE:FREQ=DAILY;BYDAY=XX', 'invalid BYDAY value'],
    ['RRULE:FREQ=DAILY;UNTIL=never', 'UNTIL is a date'],
    ['RRULE:FREQ=YEARLY;RSCALE=CHINESE', 'RSCALE must be GREGORIAN'],
    ['EXDATE:20300102T090000Z,soon', 'a date is such as'],
    ['RDATE;VALUE=PERIOD:20300102T090000Z/', 'a date is such as'],
    ['RECURRENCE-ID:first', 'a date is such as'],
    ['RRULE:FREQ=DAILY;BYMONTH', 'a value is missing'],
    ['DTEND;TZID:20300102T090000', 'Invalid parameters'],
  ])('the line that cannot be read: %s', (line, why) => {
    const start = line.startsWith('DTSTART') ? 'X-A:1' : 'DTSTART:20300102T090000Z';
    const { message } = refusal(calendar(event('UID:1', start, line)));
    expect(message).toContain(`line 8: "${line}" cannot be read: ${why}`);
  });

  test.each([
    `RRULE:FREQ=${'X'.repeat(100_000)}`,
    `RRULE:FREQ=DAILY;COUNT=${'X'.repeat(100_000)}`,
    `DTEND;${'X'.repeat(100_000)}:20300102T110000`,
    `DTEND;A="${'X'.repeat(100_000)}:20300102T110000`,
    `DTEND;TZID=${'X'.repeat(100_000)}:20300102T110000`,
    `BEGIN:${'X'.repeat(100_000)}`,
    `END:${'X'.repeat(100_000)}`,
  ])('no more than a part of a long line, %#', (line) => {
    const { message } = refusal(calendar(event('UID:1', 'DTSTART:20300102T090000Z', line)));
    expect(message.length).toBeLessThan(260);
  });

  test('no more than a part of the name of what is cut off', () => {
    expect(refusal(`${calendar()}BEGIN:${'X'.repeat(100_000)}`).message.length).toBeLessThan(260);
  });

  test('the line of a folded document', () => {
    const text = calendar('X-A:1\r\n 2\r\n 3', event('UID:1', 'DTSTART:20300\r\n 102X'));
    expect(refusal(text)).toMatchObject({ why: 'unreadable', line: 10 });
  });

  test('a zone that nobody knows', () => {
    const text = calendar(event('UID:1', 'DTSTART;TZID=Mars/Olympus:20300102T090000', 'DURATION:PT1H'));
    expect(refusal(text)).toMatchObject({
      why: 'unknown zone',
      message:
        'line 7: the time zone "Mars/Olympus" is unknown: it is no IANA name, no name of Windows, and the document has ' +
        'no VTIMEZONE for it',
    });
  });

  test('too many intervals', () => {
    const series = (rule: string) =>
      calendar(event('UID:1', 'DTSTART:20300102T000000Z', 'DURATION:PT1M', `RRULE:${rule}`));
    expect(read(series('FREQ=HOURLY;COUNT=2000')).intervals).toHaveLength(2_000);
    expect(refusal(series('FREQ=HOURLY;COUNT=2001'))).toMatchObject({
      why: 'too many intervals',
      message: 'the document has too many busy times: a document may have at most 2,000',
    });
  });

  test.each(['FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30', 'FREQ=SECONDLY;COUNT=2000000000'])(
    'recurrences that take too long to follow: %s',
    (rule) => {
      const text = calendar(event('UID:1', 'DTSTART:19700101T000000Z', 'DURATION:PT1M', `RRULE:${rule}`));
      expect(refusal(text).why).toBe('too much work');
    },
  );
});

test('thousands of series, each with thousands of overrides, take too long to follow', () => {
  const series = event('UID:1', 'DTSTART:20300102T090000Z');
  const override = event('UID:1', 'RECURRENCE-ID;RANGE=THISANDFUTURE:20300102T090000Z', 'DTSTART:20300102T090000Z');
  const all = Array.from({ length: 3_000 }, () => [series, override]).flat();
  expect(refusal(calendar(...all)).why).toBe('too much work');
});

describe('what does not count is not read', () => {
  const BROKEN = ['DTSTART;TZID=Mars/Olympus:20300102T090000', 'RRULE:FREQ=NEVER'];

  test.each(['STATUS:CANCELLED', 'TRANSP:TRANSPARENT', 'UID:own-1'])('%s', (line) => {
    expect(read(calendar(event(line, ...BROKEN))).intervals).toEqual([]);
  });

  test('tasks and journals', () => {
    const task = ['BEGIN:VTODO', ...BROKEN, 'END:VTODO', 'BEGIN:VJOURNAL', ...BROKEN, 'END:VJOURNAL'];
    expect(read(calendar(...task)).intervals).toEqual([]);
  });
});

describe('the charset', () => {
  const text = calendar(event('UID:1', 'SUMMARY:Zürich', 'DTSTART:20300102T090000Z'));
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');

  test.each([
    ['UTF-8', Buffer.from(text), undefined],
    ['UTF-8 that says so', Buffer.from(text), 'utf-8'],
    ['UTF-16 by its byte order mark', utf16, undefined],
    ['UTF-16 with the other byte order', Buffer.from(utf16).swap16(), 'utf-8'],
    ['Latin-1 that says so', Buffer.from(text, 'latin1'), 'ISO-8859-1'],
    // Cyrillic, as Windows has it.
    ['Windows-1251 that says so', Buffer.from(text.replace('Zürich', '\xde\xe3'), 'latin1'), 'windows-1251', 'Юг'],
    ['Latin-1 that says nothing', Buffer.from(text, 'latin1'), undefined],
  ])('%s', (_, bytes, charset, city = 'Zürich') => {
    expect(decodeCalendar(bytes, charset).replace('\ufeff', '')).toBe(text.replace('Zürich', city));
  });

  test('UTF-8 that was folded amid a character', () => {
    const [before, after] = Buffer.from(text).toString('latin1').split('\xbc') as [string, string];
    const folded = Buffer.from(`${before}\r\n \xbc${after}`, 'latin1');
    expect(decodeCalendar(folded)).toBe(text);
  });

  test('one that nobody knows', () => {
    expect(() => decodeCalendar(Buffer.from(text), 'klingon')).toThrow(
      'the charset "klingon" is not known: send UTF-8',
    );
  });
});
