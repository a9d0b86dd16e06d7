import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import {
  addTimeOff,
  deleteAvailability,
  deleteBookingPolicy,
  explainSlot,
  findSlots,
  getAvailability,
  getBookingPolicy,
  getTimeOff,
  listTimeOff,
  removeTimeOff,
  setAvailability,
  setBookingPolicy,
  simulatePolicy,
  syncTimeOff,
} from '../../support/doors.js';
import { HASH_ID_RULE } from './mistake.js';
import { SEARCHES, WITHIN } from './mistakes-of-searches.js';
import { AVAILABILITIES, datesWith, HOUR, POLICIES, TIME_OFF } from './mistakes-of-settings.js';
import { type Call, type Method, MORNINGS } from './samples.js';

/** Each method whose request names one coach, with a request that has no other mistake. */
const OF_A_COACH: [string, Method, JsonObject][] = [
  [setAvailability, { availability: MORNINGS }],
  [deleteAvailability, {}],
  [getAvailability, {}],
  [addTimeOff, { time_off: HOUR }],
  [removeTimeOff, { id: randomUUID() }],
  [getTimeOff, { id: randomUUID() }],
  [listTimeOff, {}],
  [syncTimeOff, { source: 'calendar' }],
  [setBookingPolicy, { booking_policy: {} }],
  [deleteBookingPolicy, {}],
  [getBookingPolicy, {}],
  [findSlots, WITHIN],
  [explainSlot, { start: HOUR.start, duration: 60 }],
  [simulatePolicy, { ...WITHIN, booking_policy: {} }],
].map(([method, request]) => [(method as Method).name, method as Method, request as JsonObject]);

/** Requests with mistakes are refused whole, with each field at fault and its rule. */
export function mistakes(call: Call): void {
  describe('a request with a mistake', () => {
    test.each([...AVAILABILITIES, ...POLICIES, ...TIME_OFF, ...SEARCHES])('%s', async (_, method, request, ...told) => {
      expect(await call(method, request)).toEqual({ code: 'InvalidArgument', violations: told, retry: false });
    });

    test.each(OF_A_COACH)('in the id of the coach: %s', async (_, method, request) => {
      expect(await call(method, { ...request, coach_hash_id: 'a b' })).toMatchObject({
        code: 'InvalidArgument',
        violations: [['coach_hash_id', HASH_ID_RULE]],
      });
    });

    test('tells of at most fifty mistakes', async () => {
      const broken = { date: '2030-02-30', hours: Array(24).fill({ from: '1', to: '2' }) };
      const answer = await call(setAvailability, datesWith(...Array(100).fill(broken)));
      expect(answer).toMatchObject({ code: 'InvalidArgument' });
      expect(answer.violations.length).toBeLessThanOrEqual(50);
    });
  });
}
