import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import {
  addTimeOff,
  deleteAvailability,
  deleteBookingPolicy,
  explainSlot,
  removeTimeOff,
  setAvailability,
  setBookingPolicy,
  syncTimeOff,
} from '../../support/doors.js';
import { type Call, coachWith, idIn, type Method, MORNINGS, monday, responseOf } from './samples.js';

const TIME_OFF = { start: monday('08:00'), end: monday('09:00') };
const POLICY = { max_per_day: 4 };

/** A coach that has everything, and a request of each command about it. */
async function everything(call: Call) {
  const { coach_hash_id } = await coachWith(call, { hours: MORNINGS, policy: POLICY });
  const id = idIn(await call(addTimeOff, { coach_hash_id, time_off: TIME_OFF }), 'time_off');
  const requests: Readonly<Record<string, JsonObject>> = {
    SetAvailability: { coach_hash_id, availability: { time_zone: 'UTC' } },
    DeleteAvailability: { coach_hash_id },
    SetBookingPolicy: { coach_hash_id, booking_policy: { grid: 20 } },
    DeleteBookingPolicy: { coach_hash_id },
    AddTimeOff: { coach_hash_id, time_off: { first_date: '2030-04-01', last_date: '2030-04-02' } },
    RemoveTimeOff: { coach_hash_id, id },
    SyncTimeOff: { coach_hash_id, source: 'calendar', time_off: [TIME_OFF] },
  };
  /** The revision of the coach, which every event raises. */
  async function revision(): Promise<string> {
    const answer = await call(explainSlot, { coach_hash_id, start: monday('08:00'), duration: 60 });
    return responseOf(answer)['revision']?.['revision'] as string;
  }
  return { requestOf: ({ name }: Method) => requests[name] as JsonObject, revision };
}

const COMMANDS = [
  setAvailability,
  deleteAvailability,
  setBookingPolicy,
  deleteBookingPolicy,
  addTimeOff,
  removeTimeOff,
  syncTimeOff,
].map((method): [string, Method] => [method.name, method]);

/** What these commands have in common with all others: etags, request ids, and validation alone. */
export function commands(call: Call): void {
  describe('a command', () => {
    test.each(COMMANDS)('%s writes one event', async (_, method) => {
      const { requestOf, revision } = await everything(call);
      expect(await call(method, requestOf(method))).toMatchObject({ code: 'OK' });
      expect(await revision()).toBe('3');
    });

    test.each(COMMANDS)('%s that is only validated is decided, and writes nothing', async (_, method) => {
      const { requestOf, revision } = await everything(call);
      const answer = await call(method, { ...requestOf(method), validate_only: true });
      expect(answer).toMatchObject({ code: 'OK' });
      expect(responseOf(answer)['consistency_token']).toBeUndefined();
      expect(await revision()).toBe('2');
    });

    test.each(COMMANDS)('%s sent again gets the first answer, and is carried out once', async (_, method) => {
      const { requestOf, revision } = await everything(call);
      const request = { ...requestOf(method), request_id: randomUUID() };
      const first = await call(method, request);
      expect(first.code).toBe('OK');
      expect(await call(method, request)).toEqual(first);
      expect(await revision()).toBe('3');
    });

    test.each(COMMANDS)('%s for another coach under the same request id is refused', async (_, method) => {
      const { requestOf } = await everything(call);
      const request = { ...requestOf(method), request_id: randomUUID() };
      await call(method, request);
      expect(await call(method, { ...request, coach_hash_id: randomUUID() })).toMatchObject({
        code: 'InvalidArgument',
        reason: 'REQUEST_ID_REUSED',
      });
    });

    test.each(COMMANDS.slice(0, 4))('%s is refused unless it has the etag', async (_, method) => {
      const { requestOf, revision } = await everything(call);
      const etag = method.name.endsWith('Availability') ? '0' : '1';
      const stale = { ...requestOf(method), etag: '7' };
      expect(await call(method, stale)).toMatchObject({ code: 'Aborted', reason: 'STALE_ETAG' });
      expect(await revision()).toBe('2');
      expect(await call(method, { ...stale, etag })).toMatchObject({ code: 'OK' });
    });

    test.each([
      ['an availability', setAvailability, { availability: MORNINGS }],
      ['a policy', setBookingPolicy, { booking_policy: POLICY }],
    ])('with an etag for %s that was never set is refused', async (_, method, given) => {
      const answer = await call(method, { coach_hash_id: randomUUID(), ...given, etag: '0' });
      expect(answer).toMatchObject({ code: 'Aborted', reason: 'STALE_ETAG' });
    });

    test.each([
      ['an availability', setAvailability, 'availability', { availability: MORNINGS }],
      ['a policy', setBookingPolicy, 'booking_policy', { booking_policy: POLICY }],
    ])(
      'leaves %s without an etag, and time off without an id, when it is only validated',
      async (_, method, member, given) => {
        const coach_hash_id = randomUUID();
        const validated = await call(method, { coach_hash_id, ...given, validate_only: true });
        expect(responseOf(validated)[member]?.['etag']).toBeUndefined();
        const added = await call(addTimeOff, { coach_hash_id, time_off: TIME_OFF, validate_only: true });
        expect(idIn(added, 'time_off')).toBeUndefined();
      },
    );
  });
}
