import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import {
  type Answer,
  addTimeOff,
  type Door,
  findSlots,
  scheduleSession,
  setAvailability,
  setBookingPolicy,
} from '../../support/doors.js';

export type Call = Door['call'];
export type Method = Parameters<Call>[0];

/** In Zurich, clocks are put forward on 31 March 2030, and back on 27 October 2030. */
export const MONDAY = '2030-04-01';
export const TUESDAY = '2030-04-02';

/** A time on a Monday, 09:00 being 11:00 in Zurich. */
export const monday = (time: string) => `${MONDAY}T${time}:00Z`;

/** Mornings in Zurich: 07:00 to 10:00 UTC. */
export const MORNINGS: JsonObject = {
  time_zone: 'Europe/Zurich',
  weekly: [{ days: ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY'], from: '09:00', to: '12:00' }],
};

export const responseOf = ({ response }: Answer) => (response ?? {}) as Record<string, JsonObject>;
export const listIn = (answer: Answer, field: string) => (responseOf(answer)[field] ?? []) as unknown as JsonObject[];
export const startsIn = (answer: Answer) => listIn(answer, 'slots').map(({ start }) => start);
export const codesOf = (obstacles: readonly unknown[] | undefined) =>
  (obstacles ?? []).map((one) => (one as JsonObject)['code']);
export const idIn = (answer: Answer, member = 'session') => responseOf(answer)[member]?.['id'] as string;
export const tokenIn = (answer: Answer) => (responseOf(answer)['next_page_token'] ?? '') as string;

/** What a coach offers. */
export interface Offer {
  readonly hours?: JsonObject;
  readonly policy?: JsonObject;
  readonly timeOff?: readonly JsonObject[];
}

/** A coach that no other test has, and what can be asked about it. */
export async function coachWith(call: Call, { hours, policy, timeOff = [] }: Offer = {}) {
  const coach_hash_id = randomUUID();
  if (hours) await call(setAvailability, { coach_hash_id, availability: hours });
  if (policy) await call(setBookingPolicy, { coach_hash_id, booking_policy: policy });
  for (const time_off of timeOff) await call(addTimeOff, { coach_hash_id, time_off });
  const session = (start: string, given: JsonObject = {}): JsonObject => {
    return { coach_hash_id, client_hash_id: randomUUID(), start, duration: 60, ...given };
  };
  return {
    coach_hash_id,
    session,
    /** Books a session of an hour. */
    book: (start: string, { ignore_policy = false, ...given }: JsonObject = {}) =>
      call(scheduleSession, { session: session(start, given), ignore_policy }),
    /** Finds slots of an hour on the Monday. */
    find: (given: JsonObject = {}) =>
      call(findSlots, { coach_hash_id, from: monday('00:00'), to: monday('23:59'), duration: 60, ...given }),
  };
}
