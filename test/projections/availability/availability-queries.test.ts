import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAvailabilityQueries } from '../../../projections/availability/availability-queries.js';
import { createBookingPolicyQueries } from '../../../projections/availability/booking-policy-queries.js';
import type { AsOf } from '../../../src/application/read-model.js';
import { NOON, openWorld, project, recorded, scheduled, type World } from '../support.js';
import { HOURS, hoursDeleted, hoursSet, LIMITS, NO_LIMITS, policyDeleted, policySet } from './samples.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const HOUR = 3_600_000;

/** Set, set anew, deleted, and set again, each an hour after the change before, with a booking in between. */
const LIFE = [
  hoursSet({}, NOON),
  scheduled(),
  hoursSet({ weekly: [] }, NOON + HOUR),
  hoursDeleted(NOON + 2 * HOUR),
  hoursSet({ dates: [] }, NOON + 3 * HOUR),
];
const first = { ...HOURS, revision: 0, updatedAt: NOON };
const second = { ...HOURS, weekly: [], revision: 2, updatedAt: NOON + HOUR };
const last = { ...HOURS, dates: [], revision: 4, updatedAt: NOON + 3 * HOUR };

/** The same of a coach of whom no other test tells. */
const ofNewCoach = <Event extends object>(event: Event) => ({ ...event, coachHashId: 'zoe' });

test('the availability of a coach is answered as it is now', async () => {
  const { get } = createAvailabilityQueries(world.pool);
  const events = recorded(...LIFE.map(ofNewCoach));
  const answers = [await get('zoe')];
  for (const event of events) {
    await project(world.pool, event);
    answers.push(await get('zoe'));
  }
  expect(answers).toEqual([undefined, first, first, second, undefined, last]);
  expect(await get('eve')).toBeUndefined();
});

test.each<[string, AsOf, object | undefined]>([
  ['a millisecond before it was set', { time: NOON - 1 }, undefined],
  ['when it was set', { time: NOON }, first],
  ['a millisecond before a change', { time: NOON + HOUR - 1 }, first],
  ['when it was changed', { time: NOON + HOUR }, second],
  ['when it was deleted', { time: NOON + 2 * HOUR }, undefined],
  ['later than its last change', { time: NOON + 1_000 * HOUR }, last],
  ['at the revision at which it was set', { revision: 0 }, first],
  ['at a revision in between', { revision: 1 }, first],
  ['at the revision of a change', { revision: 2 }, second],
  ['at the revision of its deletion', { revision: 3 }, undefined],
  ['at a revision to come', { revision: Number.MAX_SAFE_INTEGER }, last],
])('the availability of a coach is answered as it was: %s', async (_, asOf, expected) => {
  await project(world.pool, ...recorded(...LIFE));
  const { getAsOf } = createAvailabilityQueries(world.pool);
  expect(await getAsOf('ann', asOf)).toEqual(expected);
  expect(await getAsOf('eve', asOf)).toBeUndefined();
});

test('the booking policy of a coach is answered as it is now', async () => {
  const { get } = createBookingPolicyQueries(world.pool);
  const answers = [await get('zoe')];
  const life = [policySet(LIMITS), policyDeleted(), policySet(NO_LIMITS, NOON + 1)];
  for (const event of recorded(...life.map(ofNewCoach))) {
    await project(world.pool, event);
    answers.push(await get('zoe'));
  }
  const limited = { ...LIMITS, revision: 0, updatedAt: NOON };
  expect(answers).toEqual([undefined, limited, undefined, { ...NO_LIMITS, revision: 2, updatedAt: NOON + 1 }]);
  expect(await get('eve')).toBeUndefined();
});
