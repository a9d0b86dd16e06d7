import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { explainSlot, findSlots, findSlotsOfCoaches, simulatePolicy } from '../../support/doors.js';
import { coach_hash_id, DURATION_RULE, HASH_ID_RULE, type Mistake, ZONE_RULE } from './mistake.js';

export const WITHIN = { from: '2030-04-01T00:00:00Z', to: '2030-05-01T00:00:00Z', duration: 60 };
const searchWith = (given: JsonObject): JsonObject => ({ coach_hash_id, ...WITHIN, ...given });

/** Of searches for slots, explanations and simulations. */
export const SEARCHES: Mistake[] = [
  [
    'a search of nothing',
    findSlots,
    { coach_hash_id },
    ['from', 'is required'],
    ['to', 'is required, unless `limit` is 1'],
    ['duration', DURATION_RULE],
  ],
  ['`to` before `from`', findSlots, searchWith({ to: '2030-03-31T00:00:00Z' }), ['to', 'must be after `from`']],
  ['63 days', findSlots, searchWith({ to: '2030-06-03T00:00:00Z' }), ['to', 'must be at most 62 days after `from`']],
  ['a search of a zone that is none', findSlots, searchWith({ time_zone: 'Mars' }), ['time_zone', ZONE_RULE]],
  ['a limit of 5001', findSlots, searchWith({ limit: 5_001 }), ['limit', 'must be 1 to 5000, or 0 for 5000']],
  ['a limit of -1', findSlots, searchWith({ limit: -1 }), ['limit', 'must be 1 to 5000, or 0 for 5000']],
  ['a client with a space', findSlots, searchWith({ client_hash_id: 'a b' }), ['client_hash_id', HASH_ID_RULE]],
  ['a session that is no UUID', findSlots, searchWith({ session_id: 'x' }), ['session_id', 'must be a UUID']],
  [
    'a page token that is none',
    findSlots,
    searchWith({ page_token: 'x' }),
    ['page_token', 'must be a next_page_token that this service gave'],
  ],
  ['no coaches', findSlotsOfCoaches, WITHIN, ['coach_hash_ids', 'is required']],
  [
    '101 coaches',
    findSlotsOfCoaches,
    { ...WITHIN, coach_hash_ids: Array.from({ length: 101 }, () => randomUUID()) },
    ['coach_hash_ids', 'must have at most 100 ids'],
  ],
  [
    'a coach twice',
    findSlotsOfCoaches,
    { ...WITHIN, coach_hash_ids: ['a', 'b', 'a'] },
    ['coach_hash_ids', 'must have each id once'],
  ],
  [
    'a coach with a space',
    findSlotsOfCoaches,
    { ...WITHIN, coach_hash_ids: ['a', 'a b'] },
    ['coach_hash_ids[1]', HASH_ID_RULE],
  ],
  [
    '63 days of some coaches',
    findSlotsOfCoaches,
    { ...WITHIN, to: '2030-06-03T00:00:00Z', coach_hash_ids: ['a'] },
    ['to', 'must be at most 62 days after `from`'],
  ],
  ['a slot of nothing', explainSlot, { coach_hash_id }, ['start', 'is required'], ['duration', DURATION_RULE]],
  [
    'a slot that ends too late',
    explainSlot,
    { coach_hash_id, start: '9999-12-31T23:30:00Z', duration: 60 },
    ['start', 'the session must end by the year 9999'],
  ],
  [
    'a simulation of nothing',
    simulatePolicy,
    searchWith({}),
    ['booking_policy', 'is required when there is no `availability`'],
  ],
  [
    'a simulation without an end',
    simulatePolicy,
    { coach_hash_id, from: WITHIN.from, duration: 60, booking_policy: {} },
    ['to', 'is required'],
  ],
  [
    'a simulation of 63 days',
    simulatePolicy,
    searchWith({ to: '2030-06-03T00:00:00Z', booking_policy: {} }),
    ['to', 'must be at most 62 days after `from`'],
  ],
  [
    'a simulation of a grid of 0',
    simulatePolicy,
    searchWith({ booking_policy: { grid: 0 } }),
    ['booking_policy.grid', 'must be 1 to 1440 minutes'],
  ],
];
