import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { calendar, event } from '../../calendars/samples.js';
import {
  addTimeOff,
  cancelSession,
  findSlots,
  holdSlot,
  listTimeOff,
  scheduleSession,
  setAvailability,
  syncTimeOff,
} from '../../support/doors.js';
import { type Call, coachWith, idIn, listIn, monday, responseOf, startsIn } from '../offering/samples.js';
import { base64, meeting } from './documents.js';

/** A time on the Monday without a zone, and the other end. */
const local = (from: string, to: string) => event('UID:1', `DTSTART:20300401T${from}00`, `DTEND:20300401T${to}00`);

/** What is read of a document in which nothing is left out. */
const NOTHING_LEFT_OUT = { left_out: {}, followed_until: expect.stringMatching(/^20\d\d-/) };

/** A document takes the place of all time off of its source. */
export function calendarSync(call: Call): void {
  const syncOf =
    (coach_hash_id: string) =>
    (text: string, more: JsonObject = {}) =>
      call(syncTimeOff, { coach_hash_id, source: 'google', calendar: base64(text), ...more });
  const spansOf = async (coach_hash_id: string) =>
    listIn(await call(listTimeOff, { coach_hash_id, source: 'google' }), 'time_off').map(({ start, end }) => [
      start,
      end,
    ]);

  describe('a calendar', () => {
    test('is read: its busy times are time off that cannot be booked', async () => {
      const { coach_hash_id, find, book } = await coachWith(call);
      const sync = syncOf(coach_hash_id);
      const answer = await sync(calendar(meeting('0900', '1000'), meeting('1200', '1300')));
      expect(responseOf(answer)).toEqual({
        total: 2,
        added: 2,
        consistency_token: expect.any(String),
        calendar: NOTHING_LEFT_OUT,
      });
      expect(await spansOf(coach_hash_id)).toEqual([
        [monday('09:00'), monday('10:00')],
        [monday('12:00'), monday('13:00')],
      ]);
      expect(startsIn(await find({ from: monday('09:00'), to: monday('11:00') }))).toEqual([monday('10:00')]);
      expect(await book(monday('12:30'))).toMatchObject({ code: 'FailedPrecondition', reason: 'AGAINST_POLICY' });
    });

    test('replaces what was there of its source, and nothing else', async () => {
      const other = { start: monday('18:00'), end: monday('19:00'), source: 'hr' };
      const { coach_hash_id } = await coachWith(call, { timeOff: [other] });
      const sync = syncOf(coach_hash_id);
      await sync(calendar(meeting('0900', '1000'), meeting('1200', '1300')));
      const answer = await sync(calendar(meeting('1200', '1300'), meeting('1400', '1500'), meeting('1600', '1700')));
      expect(responseOf(answer)).toMatchObject({ total: 3, added: 2, removed: 1 });
      expect(listIn(await call(listTimeOff, { coach_hash_id, source: 'hr' }), 'time_off')).toMatchObject([other]);
      expect(responseOf(await sync(calendar()))).toMatchObject({ removed: 3, calendar: NOTHING_LEFT_OUT });
      expect(await spansOf(coach_hash_id)).toEqual([]);
    });

    test('that takes the same time writes nothing, whatever else has changed', async () => {
      const { coach_hash_id } = await coachWith(call);
      const sync = syncOf(coach_hash_id);
      const day = event('UID:d', 'DTSTART;VALUE=DATE:20300402');
      await sync(calendar(meeting('0900', '1000'), day));
      const changed = meeting('0900', '1000', 'SEQUENCE:7', 'SUMMARY:Another title');
      expect(responseOf(await sync(calendar(day, changed)))).toEqual({ total: 2, calendar: NOTHING_LEFT_OUT });
    });

    test('says what it leaves out, by reason', async () => {
      const answer = await syncOf(randomUUID())(
        calendar(
          meeting('0900', '1000', 'TRANSP:TRANSPARENT'),
          meeting('0900', '1000', 'STATUS:CANCELLED'),
          meeting('0900', '1000', 'STATUS:CANCELLED'),
          event('UID:past', 'DTSTART:20200101T090000Z', 'DURATION:PT1H'),
          event('UID:bare', 'DTSTART:20300101T090000Z'),
        ),
      );
      expect(responseOf(answer)).toMatchObject({
        calendar: { left_out: { transparent: 1, cancelled: 2, past: 1, without_time: 1 } },
      });
    });

    test('has the sessions and holds of this service in it, which take their time already', async () => {
      const { coach_hash_id, session, book } = await coachWith(call);
      const booked = idIn(await book(monday('09:00')));
      const cancelled = idIn(await book(monday('15:00')));
      await call(cancelSession, { id: cancelled, cancelled_by: 'PARTY_COACH' });
      const held = idIn(await call(holdSlot, { hold: session(monday('11:00')) }), 'hold');
      const ofAnother = idIn(
        await call(scheduleSession, { session: session(monday('13:00'), { coach_hash_id: randomUUID() }) }),
      );
      const uids = [booked, held.toUpperCase(), cancelled, ofAnother];
      const own = uids.map((uid) => event(`UID:${uid}`, 'DTSTART:20300401T090000Z', 'DURATION:PT1H'));
      const answer = await syncOf(coach_hash_id)(calendar(...own, meeting('2000', '2100')));
      expect(responseOf(answer)).toMatchObject({ total: 1, added: 1, calendar: { left_out: { own: 4 } } });
    });

    test('is in the zone of the coach where it names none', async () => {
      const coach_hash_id = randomUUID();
      const sync = syncOf(coach_hash_id);
      await sync(calendar(local('0900', '1000')));
      expect(await spansOf(coach_hash_id)).toEqual([[monday('09:00'), monday('10:00')]]);
      await call(setAvailability, { coach_hash_id, availability: { time_zone: 'Europe/Zurich' } });
      await sync(calendar(local('0900', '1000'), event('UID:2', 'DTSTART;VALUE=DATE:20300402')));
      expect(await spansOf(coach_hash_id)).toEqual([
        [monday('07:00'), monday('08:00')],
        ['2030-04-01T22:00:00Z', '2030-04-02T22:00:00Z'],
      ]);
    });

    test('leaves what was there as it is when it is refused', async () => {
      const coach_hash_id = randomUUID();
      const sync = syncOf(coach_hash_id);
      await sync(calendar(meeting('0900', '1000')));
      for (const bad of [
        '',
        calendar(meeting('1200', '1300')).slice(0, -30),
        calendar(meeting('1200', '1300'), event('UID:x', 'DTSTART:tomorrow', 'DURATION:PT1H')),
      ]) {
        expect(await sync(bad)).toMatchObject({
          code: 'InvalidArgument',
          violations: [['calendar', expect.anything()]],
        });
      }
      expect(await spansOf(coach_hash_id)).toEqual([[monday('09:00'), monday('10:00')]]);
    });

    test('is read in its charset', async () => {
      const coach_hash_id = randomUUID();
      const text = calendar(meeting('0900', '1000', 'SUMMARY:Zürich'));
      const calendar_charset = 'utf-16le';
      const request = { coach_hash_id, source: 'google', calendar: Buffer.from(text, 'utf16le').toString('base64') };
      expect(responseOf(await call(syncTimeOff, { ...request, calendar_charset }))).toMatchObject({ added: 1 });
      expect(await call(syncTimeOff, { ...request, calendar_charset: 'klingon' })).toMatchObject({
        code: 'InvalidArgument',
        violations: [['calendar_charset', 'the charset "klingon" is not known: send UTF-8']],
      });
    });

    test('is only looked at with validate_only', async () => {
      const coach_hash_id = randomUUID();
      const sync = syncOf(coach_hash_id);
      const answer = await sync(calendar(meeting('0900', '1000')), { validate_only: true });
      expect(responseOf(answer)).toEqual({ total: 1, added: 1, calendar: NOTHING_LEFT_OUT });
      expect(await spansOf(coach_hash_id)).toEqual([]);
      expect(await sync('', { validate_only: true })).toMatchObject({ code: 'InvalidArgument' });
    });

    test('is synced once by requests with the same request_id, which get the same answer', async () => {
      const coach_hash_id = randomUUID();
      const sync = syncOf(coach_hash_id);
      const request_id = randomUUID();
      const document = calendar(meeting('0900', '1000'), meeting('1', '2', 'STATUS:CANCELLED'));
      const first = await sync(document, { request_id });
      // What was own, or past, may be another by then: the answer is the first one all the same.
      await sync(calendar());
      expect(await sync(document, { request_id })).toEqual(first);
      expect(await spansOf(coach_hash_id)).toEqual([]);
      const reused = { code: 'InvalidArgument', reason: 'REQUEST_ID_REUSED' };
      expect(await sync(`${document}\r\n`, { request_id })).toMatchObject(reused);
      expect(await sync(document, { request_id, calendar_charset: 'utf-8' })).toMatchObject(reused);
      expect(await call(syncTimeOff, { coach_hash_id, source: 'google', request_id })).toMatchObject(reused);
    });

    test('may be given, or time_off, or neither: an empty list', async () => {
      const { coach_hash_id } = await coachWith(call);
      const time_off = [{ start: monday('09:00'), end: monday('10:00') }];
      expect(await syncOf(coach_hash_id)(calendar(), { time_off })).toMatchObject({
        code: 'InvalidArgument',
        violations: [['calendar', 'must be absent with `time_off`']],
      });
      await call(syncTimeOff, { coach_hash_id, source: 'google', time_off });
      const answer = await call(syncTimeOff, { coach_hash_id, source: 'google' });
      expect(responseOf(answer)).toEqual({ removed: 1, consistency_token: expect.any(String) });
    });
  });

  describe('a charset', () => {
    test.each([
      ['without a calendar', { calendar_charset: 'utf-8' }, 'must be empty without `calendar`'],
      [
        'of other characters',
        { calendar: '', calendar_charset: 'utf 8' },
        'must be at most 40 characters of A-Z a-z 0-9 . _ : + -',
      ],
    ])('%s is refused', async (_, given, rule) => {
      const answer = await call(syncTimeOff, { coach_hash_id: 'the-coach', source: 'google', ...given });
      expect(answer).toMatchObject({ code: 'InvalidArgument', violations: [['calendar_charset', rule]] });
    });
  });

  test('what of a source is over stays, whatever a calendar says', async () => {
    const past = { start: '2026-01-05T09:00:00Z', end: '2026-01-05T10:00:00Z', source: 'google' };
    const ahead = { start: monday('09:00'), end: monday('10:00'), source: 'google' };
    const { coach_hash_id } = await coachWith(call, { timeOff: [past, ahead] });
    const answer = await syncOf(coach_hash_id)(calendar(meeting('1200', '1300')));
    expect(responseOf(answer)).toMatchObject({ total: 1, added: 1, removed: 1 });
    expect(await spansOf(coach_hash_id)).toEqual([
      [past.start, past.end],
      [monday('12:00'), monday('13:00')],
    ]);
    expect(
      await call(findSlots, { coach_hash_id, from: monday('12:00'), to: monday('14:00'), duration: 60 }),
    ).toMatchObject({ response: { slots: [{ start: monday('13:00') }] } });
    expect(await call(addTimeOff, { coach_hash_id, time_off: past })).toMatchObject({ code: 'OK' });
  });
}
