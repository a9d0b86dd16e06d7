import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { decodeCalendar } from '../../src/calendars/read/decode.js';
import { intervals, read } from './samples.js';

/** Documents in the manner of programs, and the intervals that people see in them. */
const CORPUS: Readonly<Record<string, readonly string[]>> = {
  google: [
    '2030-01-15T08:00Z/2030-01-15T09:00Z',
    '2030-03-25T08:00Z/2030-03-25T08:30Z',
    // Moved from 1 April, the first Monday of summer time.
    '2030-04-02T12:00Z/2030-04-02T13:00Z',
    '2030-04-08T07:00Z/2030-04-08T07:30Z',
    '2030-04-22T07:00Z/2030-04-22T07:30Z',
    '2030-04-30T22:00Z/2030-05-02T22:00Z',
  ],
  outlook: [
    '2030-01-16T04:15Z/2030-01-16T05:15Z',
    '2030-02-13T08:00Z/2030-02-13T09:30Z',
    '2030-03-13T12:00Z/2030-03-13T13:00Z',
    '2030-05-08T07:00Z/2030-05-08T08:30Z',
    '2030-06-12T07:00Z/2030-06-12T08:30Z',
    '2030-07-28T22:00Z/2030-08-09T22:00Z',
  ],
  'outlook-without-timezones': [
    '2030-03-11T13:00Z/2030-03-11T14:00Z',
    '2030-03-12T09:00Z/2030-03-12T10:00Z',
    '2030-03-13T23:00Z/2030-03-14T23:00Z',
    '2030-03-15T23:00Z/2030-03-16T23:00Z',
  ],
  apple: [
    '2030-03-05T22:00Z/2030-03-05T23:00Z',
    '2030-03-12T21:00Z/2030-03-12T22:00Z',
    '2030-03-19T22:00Z/2030-03-19T23:00Z',
    '2030-03-26T21:00Z/2030-03-26T22:00Z',
    '2030-03-31T22:00Z/2030-04-01T22:00Z',
    '2030-04-04T22:00Z/2030-04-05T22:00Z',
    '2030-04-10T10:00Z/2030-04-10T11:00Z',
  ],
  nextcloud: [
    '2030-01-07T09:00Z/2030-01-07T10:00Z',
    '2030-01-21T09:00Z/2030-01-21T10:00Z',
    '2030-01-24T09:00Z/2030-01-24T10:00Z',
    '2030-02-01T19:00Z/2030-02-01T21:30Z',
    '2030-02-08T19:00Z/2030-02-08T21:30Z',
    '2030-02-15T18:00Z/2030-02-15T22:00Z',
  ],
  'exchange-freebusy': [
    '2030-01-02T08:00Z/2030-01-02T09:00Z',
    '2030-01-03T08:00Z/2030-01-03T09:30Z',
    '2030-01-04T08:00Z/2030-01-04T09:00Z',
    '2030-01-05T00:00Z/2030-01-06T00:00Z',
    '2030-01-08T08:00Z/2030-01-08T08:15Z',
  ],
  thunderbird: [
    '2030-01-20T00:00Z/2030-01-20T01:00Z',
    '2030-01-21T12:30Z/2030-01-21T13:30Z',
    '2030-01-22T10:00Z/2030-01-22T11:00Z',
  ],
};

test.each(Object.entries(CORPUS))('the busy times in a document of %s', (name, expected) => {
  expect(intervals(documentOf(name))).toEqual(expected);
});

test.each(['Pacific/Kiritimati', 'America/Los_Angeles'])('the zone of the process decides nothing: %s', (zone) => {
  vi.stubEnv('TZ', zone);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(new Date(0).getTimezoneOffset()).not.toBe(0);
  expect(Object.keys(CORPUS).map((name) => intervals(documentOf(name)))).toEqual(Object.values(CORPUS));
});

test('what is left out of a document of Google', () => {
  expect(read(documentOf('google')).leftOut).toEqual({ transparent: 1, cancelled: 1, own: 0, past: 0, withoutTime: 0 });
});

function documentOf(name: string): string {
  return decodeCalendar(readFileSync(new URL(`./corpus/${name}.ics`, import.meta.url)));
}
