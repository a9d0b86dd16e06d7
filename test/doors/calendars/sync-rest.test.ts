import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_BYTES } from '../../../src/calendars/read/calendar-reader.js';
import { calendar, event } from '../../calendars/samples.js';
import { startTestService, type TestService } from '../../support/service.js';
import { buildService } from '../../support/service-process.js';
import { documentOf, meeting } from './documents.js';

// What only REST has: a body that is the document.

let service: TestService;
const logged: string[] = [];
beforeAll(async () => {
  await buildService();
  const log = pino({ level: 'trace' }, { write: (line: string) => logged.push(line) });
  service = await startTestService(undefined, {}, log);
});
afterAll(() => service?.stop());

type Headers = Readonly<Record<string, string>>;

async function sync(body: string | Uint8Array<ArrayBuffer>, headers: Headers = {}, query = 'source=google') {
  const url = `${service.httpUrl}/api/v1/coaches/${randomUUID()}/timeOff:sync?${query}`;
  const sent = { method: 'POST', body, headers: { 'content-type': 'text/calendar', ...headers } };
  const answer = await fetch(url, sent);
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

const refusedFor = (field: string, description: unknown) => ({
  status: 400,
  json: { code: 'INVALID_ARGUMENT', errors: [{ field, description }] },
});

describe('a document as the body', () => {
  test('is synced, with every count of the answer', async () => {
    expect(await sync(calendar(meeting('0900', '1000'), meeting('1100', '1200', 'TRANSP:TRANSPARENT')))).toEqual({
      status: 200,
      json: {
        total: 1,
        added: 1,
        removed: 0,
        consistency_token: expect.any(String),
        calendar: {
          left_out: { transparent: 1, cancelled: 0, own: 0, past: 0, without_time: 0 },
          followed_until: expect.stringMatching(/^20\d\d-\d\d-\d\dT/),
        },
      },
    });
  });

  test.each([
    ['with a charset', { 'content-type': 'text/calendar; charset=utf-8; method=PUBLISH' }],
    ['with a charset in quotes', { 'content-type': 'Text/Calendar;charset="ISO-8859-1"' }],
    ['with a key', { 'idempotency-key': 'a' }],
    ['that is gzipped', { 'content-encoding': 'gzip' }],
  ])('%s is synced', async (_, headers: Headers) => {
    const text = Buffer.from(calendar(meeting('0900', '1000', 'SUMMARY:Zürich')), 'latin1');
    const body = headers['content-encoding'] ? gzipSync(text) : text;
    expect(await sync(new Uint8Array(body), headers)).toMatchObject({ status: 200, json: { added: 1 } });
  });

  test('is refused with the sentence, and the line', async () => {
    const page = '<!DOCTYPE html><html><body>Sign in</body></html>';
    expect(await sync(page)).toMatchObject(
      refusedFor('calendar', expect.stringMatching(/^the document is a web page/)),
    );
    const zone = calendar(event('UID:1', 'DTSTART;TZID=Mars/Olympus:20300401T090000', 'DURATION:PT1H'));
    const sentence = expect.stringMatching(/^line 7: the time zone "Mars\/Olympus" is unknown/);
    expect(await sync(zone)).toMatchObject(refusedFor('calendar', sentence));
  });

  test.each([
    [
      'an address that is a secret',
      'https://calendar.example.com/private-5ba1e7/basic.ics',
      'calendar: not a calendar',
    ],
    [
      'a parameter',
      calendar(event('UID:1', 'DTSTART;X-TITLE=private-5ba1e7:tomorrow', 'DURATION:PT1H')),
      'calendar: line 7: unreadable',
    ],
  ])('is refused, and the log says only why: %s', async (_, document, why) => {
    const before = logged.length;
    expect(await sync(document)).toMatchObject(refusedFor('calendar', expect.stringContaining('private-5ba1e7')));
    const lines = logged.slice(before).join('');
    expect(lines).toContain(`"why":"${why}"`);
    expect(lines).not.toContain('5ba1e7');
  });

  test('is refused when it is empty', async () => {
    expect(await sync('')).toMatchObject(refusedFor('calendar', 'the document is empty'));
    expect(await sync(new Uint8Array(gzipSync('')), { 'content-encoding': 'gzip' })).toMatchObject(
      refusedFor('calendar', 'the document is empty'),
    );
  });

  test('is refused in a charset that is unknown', async () => {
    const answer = await sync(calendar(), { 'content-type': 'text/calendar; charset=klingon' });
    expect(answer).toMatchObject(refusedFor('calendar_charset', expect.stringContaining('"klingon" is not known')));
  });

  test('is only looked at with validate_only in the query', async () => {
    const answer = await sync(calendar(meeting('0900', '1000')), {}, 'source=google&validate_only=true');
    expect(answer).toMatchObject({ status: 200, json: { added: 1, consistency_token: '' } });
  });

  test('needs a source', async () => {
    expect(await sync(calendar(), {}, '')).toMatchObject(refusedFor('source', 'is required'));
  });

  test('of another type is refused', async () => {
    const detail = 'the body must be application/json or text/calendar';
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      expect(await sync(calendar(), { 'content-type': type })).toMatchObject({ status: 415, json: { detail } });
    }
  });

  test('is for this method only', async () => {
    const headers = { 'content-type': 'text/calendar' };
    const answer = await fetch(`${service.httpUrl}/api/v1/sessions`, { method: 'POST', headers, body: calendar() });
    expect([answer.status, await answer.json()]).toMatchObject([415, { detail: 'the body must be application/json' }]);
  });

  test('may have 1 MiB, also once it is decompressed, and no more', async () => {
    const gzip = { 'content-encoding': 'gzip' };
    const tooLarge = refusedFor(
      'calendar',
      'the document is too large: it may have at most 1,048,576 bytes; got 1,048,577',
    );
    expect(await sync(documentOf(MAX_BYTES))).toMatchObject({ status: 200, json: { added: 1 } });
    expect(await sync(documentOf(MAX_BYTES + 1))).toMatchObject(tooLarge);
    const compressed = (bytes: number) => new Uint8Array(gzipSync(documentOf(bytes)));
    expect(await sync(compressed(MAX_BYTES), gzip)).toMatchObject({ status: 200, json: { added: 1 } });
    expect(await sync(compressed(MAX_BYTES + 1), gzip)).toMatchObject(tooLarge);
    expect(await sync(compressed(64 * MAX_BYTES), gzip)).toMatchObject({ status: 413 });
  });
});

test('the calendar of a coach, synced with the coach, changes nothing', async () => {
  const api = `${service.httpUrl}/api/v1`;
  const coach_hash_id = randomUUID();
  const post = (path: string, body: object) =>
    fetch(`${api}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const slot = (start: string) => ({ coach_hash_id, client_hash_id: randomUUID(), start, duration: 60 });
  await post('sessions', { session: slot('2030-04-01T09:00:00Z') });
  await post('holds', { hold: slot('2030-04-01T11:00:00Z') });
  const feed = await (await fetch(`${api}/coaches/${coach_hash_id}/calendar.ics`)).text();
  expect(feed.match(/BEGIN:VEVENT/g)).toHaveLength(2);
  const answer = await fetch(`${api}/coaches/${coach_hash_id}/timeOff:sync?source=feed`, {
    method: 'POST',
    headers: { 'content-type': 'text/calendar' },
    body: feed,
  });
  expect(await answer.json()).toMatchObject({ total: 0, added: 0, calendar: { left_out: { own: 2 } } });
});
