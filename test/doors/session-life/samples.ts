import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import {
  type Answer,
  cancelSession,
  completeSession,
  correctOutcome,
  type Door,
  getSession,
  markNoShow,
  rescheduleSession,
  scheduleSession,
} from '../../support/doors.js';

export type Call = Door['call'];
export type Method = Parameters<Call>[0];

export const PAST = '2020-05-01T09:00:00Z';
export const FUTURE = '2030-05-01T09:00:00Z';
export const AN_HOUR_LATER = '2030-05-01T10:00:00Z';

/** A coach and a client that no other test has, and a time. */
export const wanted = (given: JsonObject = {}): JsonObject => ({
  coach_hash_id: randomUUID(),
  client_hash_id: randomUUID(),
  start: FUTURE,
  duration: 60,
  ...given,
});

/** Five Mondays, over the day on which clocks are put forward in Zurich. */
export const wantedSeries = (given: JsonObject = {}): JsonObject => ({
  coach_hash_id: randomUUID(),
  client_hash_id: randomUUID(),
  local_start: '2030-03-18T09:30',
  time_zone: 'Europe/Zurich',
  duration: 60,
  recurrence: 'FREQ=WEEKLY;COUNT=5',
  ...given,
});

export const MONDAYS = [
  '2030-03-18T08:30:00Z',
  '2030-03-25T08:30:00Z',
  '2030-04-01T07:30:00Z',
  '2030-04-08T07:30:00Z',
  '2030-04-15T07:30:00Z',
];

export const responseOf = ({ response }: Answer) => (response ?? {}) as Record<string, JsonObject>;
export const sessionIn = (answer: Answer) => responseOf(answer)['session'] as JsonObject;
export const sessionsIn = (answer: Answer) => (responseOf(answer)['sessions'] ?? []) as unknown as JsonObject[];
export const changesIn = (answer: Answer) => responseOf(answer)['changes'] as unknown as JsonObject[];
export const startsIn = (answer: Answer) => sessionsIn(answer).map(({ start }) => start);
export const idIn = (answer: Answer) => sessionIn(answer)['id'] as string;
export const holdsIn = (answer: Answer) => (responseOf(answer)['holds'] ?? []) as unknown as JsonObject[];
export const tokenIn = (answer: Answer) => (responseOf(answer)['next_page_token'] ?? '') as string;
export const holdIn = (answer: Answer) => responseOf(answer)['hold'] as JsonObject;
export const seriesIdIn = (answer: Answer) => responseOf(answer)['series']?.['id'] as string;

/** Commands for a session that is there. */
export const ON_SESSIONS: [name: string, method: Method, request: JsonObject][] = [
  ['reschedule', rescheduleSession, { start: PAST, duration: 30, reason: 'ill' }],
  ['cancel', cancelSession, { cancelled_by: 'PARTY_CLIENT', reason: 'ill' }],
  ['complete', completeSession, {}],
  ['no-show', markNoShow, { absent: 'PARTY_CLIENT' }],
  ['correct', correctOutcome, { outcome: 'SESSION_STATE_NO_SHOW', absent: 'PARTY_COACH', reason: 'a mistake' }],
];

/** What each command leaves of a session that is scheduled and has begun. */
export const LEAVES: Record<string, JsonObject> = {
  reschedule: { state: 'SESSION_STATE_SCHEDULED', start: PAST, duration: 30, reason: 'ill' },
  cancel: { state: 'SESSION_STATE_CANCELLED', cancelled_by: 'PARTY_CLIENT', reason: 'ill' },
  complete: { state: 'SESSION_STATE_COMPLETED' },
  'no-show': { state: 'SESSION_STATE_NO_SHOW', absent: 'PARTY_CLIENT' },
};

/** The command of this name, as `ON_SESSIONS` has it. */
export const commandNamed = (command: string) =>
  ON_SESSIONS.find(([one]) => one === command) as (typeof ON_SESSIONS)[number];

/** Books a session that has begun, does something with it, and answers the session as it is then. */
export async function sessionAfter(call: Call, command: string): Promise<JsonObject> {
  const booked = sessionIn(await call(scheduleSession, { session: wanted({ start: PAST }) }));
  const [, method, request] = ON_SESSIONS.find(([one]) => one === command) ?? [];
  if (method) await call(method, { ...request, id: booked['id'] as string });
  return sessionIn(await call(getSession, { id: booked['id'] as string }));
}
