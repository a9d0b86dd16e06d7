import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/event-store/event-store.js';
import { type HandMade, recordedInOrder } from '../verify/support.js';
import { reservationsIn } from './afterwards.js';

const NINE = '2030-01-01T09:00:00Z';
const NOW = Date.parse('2030-01-01T00:00:00Z');
const time = { client: 'bob', start: NINE, duration: 60 };

const reserved = (id: string): HandMade => ofBob('TimeReserved', id);
const released = (id: string): HandMade => ofBob('TimeReleased', id);

function ofBob(type: string, reservationId: string): HandMade {
  const data = { reservationId, clientHashId: 'bob', sessionId: 'a', start: NINE, duration: 60 };
  return { stream: 'client-bob', type, data };
}

function ofAnn(type: string, data: JsonObject): HandMade {
  return { stream: 'coach-ann', type, data: { clientHashId: 'bob', start: NINE, duration: 60, ...data } };
}

const booked = ofAnn('SessionScheduled', { sessionId: 'a', reservationId: 'r' });
const held = (expiresAt: string) => ofAnn('SlotHeld', { holdId: 'a', reservationId: 'r', expiresAt });

test.each<[string, HandMade[], { used: object[]; left: object[] }]>([
  ['that a session uses', [reserved('r'), booked], { used: [time], left: [] }],
  ['that nothing uses yet', [reserved('r')], { used: [], left: [time] }],
  [
    'of a cancelled session',
    [reserved('r'), booked, ofAnn('SessionCancelled', { sessionId: 'a' })],
    { used: [], left: [time] },
  ],
  ['that is released', [reserved('r'), released('r')], { used: [], left: [] }],
  [
    'of the time before a move',
    [reserved('r'), booked, reserved('s'), ofAnn('SessionRescheduled', { sessionId: 'a', reservationId: 's' })],
    { used: [time], left: [time] },
  ],
  ['of an open hold', [reserved('r'), held('2030-01-01T00:05:00Z')], { used: [time], left: [] }],
  ['of a hold whose time has run out', [reserved('r'), held('2029-12-31T23:55:00Z')], { used: [], left: [time] }],
  [
    'of a hold that became a session',
    [reserved('r'), held('2029-12-31T23:55:00Z'), ofAnn('HoldConfirmed', { holdId: 'a', reservationId: 'r' }), booked],
    { used: [time], left: [] },
  ],
])('a reservation %s', (_, events, expected) => {
  expect(reservationsIn(recordedInOrder(events), NOW)).toEqual(expected);
});
