import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CALENDAR_END, calendarBegin } from '../../src/calendars/write/calendar.js';
import { type CalendarEvent, eventLines } from '../../src/calendars/write/event.js';
import { NO_PEER, readWrittenByPeer } from './peer.js';
import { readBack } from './written.js';

const NOON = Date.parse('2030-01-07T12:00:00Z');
const HOUR = 3_600_000;

const EVENT: CalendarEvent = {
  uid: '01847b6a-5d00-7000-8000-000000000001',
  sequence: 3,
  status: 'CONFIRMED',
  start: NOON,
  end: NOON + HOUR,
  summary: 'Session with 456',
  createdAt: NOON - 48 * HOUR,
  changedAt: NOON - 24 * HOUR,
};

const documentOf = (event: Partial<CalendarEvent>, name = 'Sessions') =>
  calendarBegin({ method: 'PUBLISH', name }) + eventLines({ ...EVENT, ...event }) + CALENDAR_END;

/** Texts of whatever code units, with what documents escape more often than by chance. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(
        '\r\n',
        '\r',
        '\n',
        '\\',
        ';',
        ',',
        ':',
        '"',
        '^n',
        '\ud83d',
        '😀',
        'é',
        '\u2028',
        '\0',
        '\u0085',
      ),
      fc.constantFrom('BEGIN:VEVENT', '\r\nEND:VCALENDAR\r\n', ' ', '\t'),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

/** What becomes of a text: one kind of end of a line, and nothing that a document may not have. */
function kept(text: string): string {
  const characters = [...text.toWellFormed().replaceAll(/\r\n?/g, '\n')];
  return characters.filter((one) => one === '\t' || one === '\n' || !/\p{Cc}/u.test(one)).join('');
}

describe('an event', () => {
  test('is read back as it was written', () => {
    expect(readBack(documentOf({}))).toEqual([
      {
        uid: EVENT.uid,
        sequence: 3,
        status: 'CONFIRMED',
        transp: 'OPAQUE',
        start: NOON,
        end: NOON + HOUR,
        summary: 'Session with 456',
        stamp: EVENT.changedAt,
        created: EVENT.createdAt,
        modified: EVENT.changedAt,
      },
    ]);
  });

  test.each(['CONFIRMED', 'TENTATIVE'] as const)('that is %s takes time', (status) => {
    expect(documentOf({ status })).toContain('TRANSP:OPAQUE');
  });

  test('that is cancelled takes none', () => {
    expect(documentOf({ status: 'CANCELLED' })).toContain('TRANSP:TRANSPARENT');
  });

  test('has whole seconds, in any year', () => {
    const text = documentOf({
      start: Date.parse('0001-01-01T00:00:00.999Z'),
      end: Date.parse('9999-12-31T23:59:59.999Z'),
    });
    expect(text).toContain('\r\nDTSTART:00010101T000000Z\r\nDTEND:99991231T235959Z\r\n');
  });
});

describe('any text', () => {
  test('is read back', () => {
    fc.assert(
      fc.property(anyText, (summary) => {
        expect(readBack(documentOf({ summary })).map((event) => event.summary)).toEqual([kept(summary)]);
      }),
      { numRuns: 500 },
    );
  });

  test.skipIf(NO_PEER)('is read back by Python', () => {
    const texts = fc.sample(anyText, { numRuns: 200, seed: 20 });
    const found = readWrittenByPeer(texts.map((summary) => documentOf({ summary })));
    expect(found.map(([event]) => event?.summary)).toEqual(texts.map(kept));
  });

  test('is escaped as a name like in an event', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const lines = documentOf({ summary: text }, text).replaceAll('\r\n ', '').split('\r\n');
        const [summary] = lines.flatMap((line) => (line.startsWith('SUMMARY:') ? [line.slice(8)] : []));
        expect(lines).toContain(`NAME:${summary}`);
        expect(lines).toContain(`X-WR-CALNAME:${summary}`);
      }),
    );
  });

  test('stays within its line, of at most 75 octets, none of which is half a character', () => {
    const lines = documentOf({}).split('\r\n').length;
    fc.assert(
      fc.property(anyText, (text) => {
        const document = documentOf({ summary: text });
        const folded = document.split('\r\n');
        expect(Math.max(...folded.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
        expect(folded.every((line) => line.isWellFormed())).toBe(true);
        expect(document.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
        expect(document.replaceAll(/\r\n[ \t]/g, '').split('\r\n')).toHaveLength(lines);
      }),
      { numRuns: 500 },
    );
  });
});

test('a calendar to subscribe to has a name, and says how often to ask', () => {
  const text = calendarBegin({ method: 'PUBLISH', name: 'Sessions, all' });
  expect(text.split('\r\n')).toEqual([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//AceUp//Session Scheduler//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    'NAME:Sessions\\, all',
    'X-WR-CALNAME:Sessions\\, all',
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    'X-PUBLISHED-TTL:PT1H',
    '',
  ]);
});

test('a document for a mail has neither', () => {
  expect(calendarBegin({ method: 'REQUEST' })).not.toMatch(/NAME|REFRESH|TTL/);
});
