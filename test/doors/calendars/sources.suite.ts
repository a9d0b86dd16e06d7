import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { MAX_CALENDAR_SOURCES } from '../../../src/application/calendar-sources.js';
import { calendar } from '../../calendars/samples.js';
import { answer, calendarWith, SECRET, startCalendarServer } from '../../support/calendar-server.js';
import {
  deleteCalendarSource,
  fetchCalendarSource,
  findSlots,
  getCalendarSource,
  listCalendarSources,
  listTimeOff,
  setAvailability,
  setCalendarSource,
} from '../../support/doors.js';
import { type Call, listIn, MORNINGS, monday, responseOf, startsIn } from '../offering/samples.js';
import { meeting } from './documents.js';

const URL = 'https://calendar.example/basic.ics';
const busy = calendar(meeting('0700', '0900'), meeting('1200', '1300', 'TRANSP:TRANSPARENT'));

/** A calendar elsewhere is fetched, and its busy times are time off. */
export function calendarSources(call: Call): void {
  const newKey = () => ({ coach_hash_id: randomUUID(), source: 'google' });
  type Key = ReturnType<typeof newKey>;
  const set = (key: Key, calendar_source: JsonObject, more: JsonObject = {}) =>
    call(setCalendarSource, { ...key, calendar_source, ...more });
  const sourceIn = (found: Awaited<ReturnType<Call>>) => responseOf(found)['calendar_source'];
  const got = async (key: Key) => sourceIn(await call(getCalendarSource, key));
  const stateOf = async (key: Key) => (await got(key))?.['state'];
  const timeOffOf = async ({ coach_hash_id }: Key) =>
    listIn(await call(listTimeOff, { coach_hash_id, source: 'google' }), 'time_off').map(({ start }) => start);

  describe('a calendar source', () => {
    test('is fetched at once: its busy times cannot be booked', async () => {
      const server = await startCalendarServer();
      server.serve(calendarWith(busy));
      const key = newKey();
      await call(setAvailability, { coach_hash_id: key.coach_hash_id, availability: MORNINGS });
      const created = sourceIn(await set(key, { url: server.url, interval: 15 }));
      expect(created).toMatchObject({ ...key, host: '127.0.0.1', interval: 15, state: 'CALENDAR_SOURCE_STATE_NEW' });
      await expect.poll(() => stateOf(key)).toBe('CALENDAR_SOURCE_STATE_OK');
      expect(await got(key)).toEqual({
        ...created,
        state: 'CALENDAR_SOURCE_STATE_OK',
        fetched_at: expect.any(String),
        succeeded_at: expect.any(String),
        next_fetch_at: expect.any(String),
        total: 1,
        reading: { left_out: { transparent: 1 }, followed_until: expect.any(String) },
      });
      const monday0 = { from: monday('00:00'), to: monday('23:59'), duration: 60 };
      const slots = await call(findSlots, { coach_hash_id: key.coach_hash_id, ...monday0 });
      expect(startsIn(slots)).toEqual([monday('09:00')]);
    });

    test('that fails says why, and keeps what was known', async () => {
      const server = await startCalendarServer();
      server.serve(calendarWith(busy));
      const key = newKey();
      await set(key, { url: server.url });
      await expect.poll(() => stateOf(key)).toBe('CALENDAR_SOURCE_STATE_OK');
      const page = '<!DOCTYPE html><html><body>Sign in</body></html>';
      server.serve(answer(200, { 'content-type': 'text/html' }, page));
      // The same URL again: it is fetched at once.
      await set(key, { url: server.url });
      await expect.poll(() => stateOf(key)).toBe('CALENDAR_SOURCE_STATE_FAILING');
      expect(await got(key)).toMatchObject({
        last_error: expect.stringMatching(/^the document is a web page, perhaps one to sign in, and no calendar/),
        total: 1,
      });
      expect(await timeOffOf(key)).toEqual([monday('07:00')]);
    });

    test('shows its URL to nobody', async () => {
      const server = await startCalendarServer();
      server.serve(calendarWith(calendar(`X-A:${SECRET}`, 'BEGIN:VEVENT')));
      const key = newKey();
      const answers = [await set(key, { url: server.url })];
      await expect.poll(() => stateOf(key)).toBe('CALENDAR_SOURCE_STATE_FAILING');
      answers.push(await call(getCalendarSource, key), await call(fetchCalendarSource, key));
      answers.push(await call(listCalendarSources, { coach_hash_id: key.coach_hash_id }));
      expect(JSON.stringify(answers)).not.toContain(SECRET);
      expect(JSON.stringify(answers)).not.toContain('"url"');
    });

    test('that is deleted takes its time off with it', async () => {
      const server = await startCalendarServer();
      server.serve(calendarWith(busy));
      const key = newKey();
      await set(key, { url: server.url });
      await expect.poll(() => stateOf(key)).toBe('CALENDAR_SOURCE_STATE_OK');
      expect(await call(deleteCalendarSource, key)).toMatchObject({ code: 'OK' });
      expect(await timeOffOf(key)).toEqual([]);
      expect(await call(deleteCalendarSource, key)).toMatchObject({ code: 'NotFound' });
      expect(await call(getCalendarSource, key)).toMatchObject({ code: 'NotFound' });
      expect(await call(fetchCalendarSource, key)).toMatchObject({ code: 'NotFound' });
    });

    test('is listed with the others of its coach, by name', async () => {
      const { coach_hash_id } = newKey();
      for (const source of ['work', 'a b', 'google/2']) await set({ coach_hash_id, source }, { url: URL });
      const listed = listIn(await call(listCalendarSources, { coach_hash_id }), 'calendar_sources');
      expect(listed.map(({ source, interval }) => [source, interval])).toEqual([
        ['a b', 60],
        ['google/2', 60],
        ['work', 60],
      ]);
    });

    test('is set for the etag that it has', async () => {
      const key = newKey();
      const { etag } = sourceIn(await set(key, { url: URL })) as { etag: string };
      expect(await set(key, { url: URL }, { etag: 'another' })).toMatchObject({
        code: 'Aborted',
        reason: 'STALE_ETAG',
      });
      const again = sourceIn(await set(key, { url: URL }, { etag }));
      expect(again?.['etag']).not.toBe(etag);
      expect(await call(deleteCalendarSource, { ...key, etag })).toMatchObject({
        code: 'Aborted',
        reason: 'STALE_ETAG',
      });
    });

    test(`is one of ${MAX_CALENDAR_SOURCES} at most`, async () => {
      const { coach_hash_id } = newKey();
      const names = Array.from({ length: MAX_CALENDAR_SOURCES }, (_, nr) => `source-${nr}`);
      await Promise.all(names.map((source) => set({ coach_hash_id, source }, { url: URL })));
      expect(await set({ coach_hash_id, source: 'another' }, { url: URL })).toMatchObject({
        code: 'FailedPrecondition',
        reason: 'CALENDAR_SOURCE_QUOTA',
      });
    });
  });

  const EXAMPLE = 'must be a URL, such as https://calendar.example.com/basic.ics';
  describe('a calendar source is refused', () => {
    test.each<[string, JsonObject | undefined, string, string]>([
      ['that is absent', undefined, 'calendar_source', 'is required'],
      ['without a URL', {}, 'calendar_source.url', 'is required'],
      ['at no URL', { url: 'none' }, 'calendar_source.url', EXAMPLE],
      ['at a file', { url: 'file:///etc/passwd' }, 'calendar_source.url', 'must be an https:// or http:// URL'],
      [
        'with a password',
        { url: 'https://a:b@x.example' },
        'calendar_source.url',
        'must not contain a user or a password',
      ],
      [
        'at an address of clouds',
        { url: 'webcal://169.254.169.254/' },
        'calendar_source.url',
        'must not lead to 169.254.169.254, an address that is link-local or reserved',
      ],
      [
        'that is fetched all the time',
        { url: URL, interval: 4 },
        'calendar_source.interval',
        'must be 5 to 10080 minutes, or 0 for the default',
      ],
      [
        'that is hardly ever fetched',
        { url: URL, interval: 10_081 },
        'calendar_source.interval',
        'must be 5 to 10080 minutes, or 0 for the default',
      ],
    ])('%s', async (_, calendar_source, field, description) => {
      const key = newKey();
      const refused = await call(setCalendarSource, { ...key, ...(calendar_source && { calendar_source }) });
      expect(refused).toMatchObject({ code: 'InvalidArgument', violations: [[field, description]] });
      expect(await call(getCalendarSource, key)).toMatchObject({ code: 'NotFound' });
    });

    test('of a name that is none', async () => {
      const refused = await set({ ...newKey(), source: 'é' }, { url: URL });
      expect(refused.violations).toEqual([['source', 'must be at most 128 printable ASCII characters']]);
    });
  });
}
