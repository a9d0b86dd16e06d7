import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/event-store/event-store.js';
import type { Answer } from '../support/doors.js';
import { type HandMade, recordedInOrder } from '../verify/support.js';
import { checkLedger } from './check-ledger.js';
import { createLedger, type Method } from './ledger.js';

const NINE = '2030-01-01T09:00:00Z';
const session = { sessionId: 'a', start: NINE, duration: 60 };
const told = { id: 'a', start: NINE, duration: 60, etag: '0', state: 'SESSION_STATE_SCHEDULED' };

const refusal: Answer = { code: 'AlreadyExists', reason: 'COACH_OVERLAP', violations: [], retry: false };

function accepted(response: JsonObject): Answer {
  return { code: 'OK', response, violations: [], retry: false };
}

function written(type: string, data: JsonObject, requestId?: string): HandMade {
  return { stream: 'coach-ann', type, data, metadata: requestId === undefined ? {} : { requestId } };
}

/** What is wrong when one command was told so, and so much is written. Its request id is `r-0`. */
function wrongWhen(method: Method, answers: Answer[], events: HandMade[], unknown = 0): string[] {
  const ledger = createLedger('r');
  const entry = ledger.open(method, 'ann', {});
  entry.answers.push(...answers);
  entry.unknown = unknown;
  return checkLedger(ledger, recordedInOrder(events));
}

const booking = written('SessionScheduled', session, 'r-0');

test.each<[string, Parameters<typeof wrongWhen>]>([
  ['an accepted booking that is there', ['scheduleSession', [accepted({ session: told })], [booking]]],
  ['a refused booking that is not there', ['scheduleSession', [refusal], []]],
  ['a booking that nothing was heard of, there or not', ['scheduleSession', [], [booking], 1]],
  ['a booking that was refused while another attempt was under way', ['scheduleSession', [refusal], [booking], 1]],
  [
    'a hold that became a session',
    [
      'confirmHold',
      [accepted({ session: { ...told, etag: '1' } })],
      [written('HoldConfirmed', { holdId: 'a' }, 'r-0'), booking],
    ],
  ],
  [
    'a series with its sessions',
    [
      'scheduleSeries',
      [accepted({ series: { id: 's' }, sessions: [{ ...told, etag: '2' }] })],
      [written('HoldExpired', { holdId: 'h' }, 'r-0'), written('SeriesScheduled', { seriesId: 's' }, 'r-0'), booking],
    ],
  ],
  [
    'what happens by itself',
    ['scheduleSession', [], [written('HoldExpired', {}), written('ReservationAbandoned', {})]],
  ],
])('sound: %s', (_, run) => {
  expect(wrongWhen(...run)).toEqual([]);
});

test.each<[string, Parameters<typeof wrongWhen>, string]>([
  ['was lost', ['scheduleSession', [accepted({ session: told })], []], 'it was acknowledged, and is not in the log'],
  ['was made twice', ['scheduleSession', [accepted({ session: told })], [booking, booking]], 'it has 2 effects'],
  ['was made in part', ['confirmHold', [], [booking], 1], 'it has 0 effects'],
  ['was refused and made', ['scheduleSession', [refusal], [booking]], 'it was refused, and took effect'],
  [
    'has another etag',
    ['scheduleSession', [accepted({ session: { ...told, etag: '1' } })], [booking]],
    'but written as',
  ],
  [
    'was answered differently',
    ['scheduleSession', [accepted({ session: told }), accepted({ session: { ...told, id: 'b' } })], [booking]],
    'but written as',
  ],
  [
    'has another hold',
    ['holdSlot', [accepted({ hold: { id: 'b' } })], [written('SlotHeld', { holdId: 'a' }, 'r-0')]],
    'hold b is not in',
  ],
  [
    'was asked by nobody',
    ['scheduleSession', [refusal], [written('SessionScheduled', session, 'other')]],
    'nobody asked for it',
  ],
  ['has no request id', ['scheduleSession', [refusal], [written('SessionScheduled', session)]], 'has no request id'],
])('a change that %s is named', (_, run, sentence) => {
  expect(wrongWhen(...run).join('\n')).toContain(sentence);
});
