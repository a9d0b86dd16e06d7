import type { ConnectError } from '@connectrpc/connect';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_OCCURRENCES, occurrencesOf, recurrence } from '../../src/handlers/recurrence.js';

const MONDAY = '2026-03-02T09:30:00';

const days = (rule: string, localStart = MONDAY, zone = 'UTC') =>
  occurrencesOf('recurrence', rule, localStart, zone).map((time) => time.slice(0, 10));

/** The rule that a well-formed recurrence breaks when it is worked out. */
function refusal(rule: string, localStart = MONDAY, zone = 'UTC'): string {
  expect(recurrence('recurrence', rule)).toBeUndefined();
  try {
    occurrencesOf('recurrence', rule, localStart, zone);
  } catch (error) {
    return (error as ConnectError).rawMessage;
  }
  throw new Error(`${rule} was not refused`);
}

describe('a recurrence', () => {
  test.each<[string, string[], string?]>([
    ['FREQ=DAILY;COUNT=3', ['2026-03-02', '2026-03-03', '2026-03-04']],
    ['FREQ=DAILY;INTERVAL=10;COUNT=2', ['2026-03-02', '2026-03-12']],
    ['FREQ=WEEKLY;COUNT=2', ['2026-03-02', '2026-03-09']],
    ['FREQ=WEEKLY;BYDAY=MO,TH;COUNT=3', ['2026-03-02', '2026-03-05', '2026-03-09']],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=MO;COUNT=3', ['2026-03-02', '2026-03-08', '2026-03-16']],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU;COUNT=3', ['2026-03-02', '2026-03-15', '2026-03-16']],
    ['FREQ=MONTHLY;BYDAY=1MO;COUNT=2', ['2026-03-02', '2026-04-06']],
    ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1;COUNT=2', ['2026-03-02', '2026-04-01']],
    ['FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3', ['2026-01-31', '2026-02-28', '2026-03-31'], '2026-01-31T09:30:00'],
    ['FREQ=MONTHLY;COUNT=2', ['2026-01-31', '2026-03-31'], '2026-01-31T09:30:00'],
    ['FREQ=YEARLY;COUNT=2', ['2024-02-29', '2028-02-29'], '2024-02-29T09:30:00'],
    ['FREQ=DAILY;UNTIL=20260304', ['2026-03-02', '2026-03-03', '2026-03-04']],
    ['FREQ=DAILY;UNTIL=20260304T093000Z', ['2026-03-02', '2026-03-03', '2026-03-04']],
    ['FREQ=DAILY;UNTIL=20260304T092959Z', ['2026-03-02', '2026-03-03']],
    ['FREQ=WEEKLY;COUNT=1', ['2026-03-02']],
  ])('%s', (rule, expected, localStart) => {
    expect(recurrence('recurrence', rule)).toBeUndefined();
    expect(days(rule, localStart)).toEqual(expected);
  });

  test('ends by UNTIL in the zone of the series', () => {
    const rule = 'FREQ=DAILY;UNTIL=20260304T083000Z';
    expect(days(rule, MONDAY, 'Europe/Zurich')).toEqual(['2026-03-02', '2026-03-03', '2026-03-04']);
    expect(days(rule, MONDAY, 'America/New_York')).toEqual(['2026-03-02', '2026-03-03']);
  });

  test.each([
    ['', 'is required'],
    ['FREQ=WEEKLY', 'needs one of COUNT and UNTIL'],
    ['FREQ=WEEKLY;COUNT=2;UNTIL=20270101', 'needs one of COUNT and UNTIL'],
    ['COUNT=2', 'needs FREQ'],
    ['FREQ=HOURLY;COUNT=2', 'FREQ has a value that is not allowed'],
    ['FREQ=WEEKLY;COUNT=0', 'COUNT has a value that is not allowed'],
    ['FREQ=WEEKLY;COUNT=2;INTERVAL=0', 'INTERVAL has a value that is not allowed'],
    ['FREQ=WEEKLY;COUNT=2;COUNT=3', 'COUNT is given twice'],
    ['FREQ=WEEKLY;UNTIL=2027-01-01', 'UNTIL has a value that is not allowed'],
    ['FREQ=WEEKLY;BYDAY=XX;COUNT=2', 'BYDAY has a value that is not allowed'],
    ['freq=weekly;count=2', 'freq is none of FREQ, COUNT, UNTIL, INTERVAL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, WKST'],
    ['FREQ=DAILY;BYHOUR=9;COUNT=2', expect.stringMatching(/^BYHOUR is none of/)],
    ['FREQ=DAILY;COUNT=2;', expect.stringMatching(/^an empty part is none of/)],
    ['RRULE:FREQ=DAILY;COUNT=2', expect.stringMatching(/^RRULE:FREQ is none of/)],
    ['__proto__=1', expect.stringMatching(/^__proto__ is none of/)],
    ['x'.repeat(501), 'must be at most 500 characters'],
  ])('%s is refused', (rule, description) => {
    expect(recurrence('recurrence', rule)).toEqual({ field: 'recurrence', description });
  });

  test.each([
    ['FREQ=DAILY;COUNT=105', /more than 104/],
    ['FREQ=DAILY;COUNT=999999999', /more than 104/],
    ['FREQ=DAILY;UNTIL=99991231', /more than 104/],
    ['FREQ=WEEKLY;BYDAY=TU;COUNT=2', /must have the local start for its first occurrence/],
    ['FREQ=DAILY;UNTIL=20260301', /must have the local start for its first occurrence/],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31;COUNT=2', /do not go together/],
    ['FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=2', /do not go together/],
    ['FREQ=WEEKLY;BYDAY=1MO;COUNT=2', /do not go together/],
    ['FREQ=DAILY;UNTIL=20261399', /do not go together/],
  ])('%s is refused', (rule, description) => {
    expect(refusal(rule)).toMatch(description);
  });

  test('property: as many as COUNT says, in order, at the same wall time', () => {
    const rules = fc.record({
      freq: fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY'),
      count: fc.integer({ min: 1, max: MAX_OCCURRENCES }),
      interval: fc.integer({ min: 1, max: 4 }),
      day: fc.integer({ min: 1, max: 28 }),
    });
    fc.assert(
      fc.property(rules, ({ freq, count, interval, day }) => {
        const localStart = `2026-03-${String(day).padStart(2, '0')}T09:30:00`;
        const rule = `FREQ=${freq};INTERVAL=${interval};COUNT=${count}`;
        const found = occurrencesOf('recurrence', rule, localStart, 'Europe/Zurich');
        expect(found).toHaveLength(count);
        expect(found).toEqual(found.toSorted());
        expect(new Set(found).size).toBe(count);
        for (const time of found) expect(time).toMatch(/T09:30:00$/);
      }),
      { numRuns: 50 },
    );
  });
});
