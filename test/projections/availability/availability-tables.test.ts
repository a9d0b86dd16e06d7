import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OfferingEvent } from '../../../src/domain/availability/events.js';
import { coachStream } from '../../../src/domain/coach/coach.js';
import { asRead } from '../../support/event-store-samples.js';
import { NOON, openWorld, project, recorded, stored, type World } from '../support.js';
import {
  added,
  HOURS,
  hoursDeleted,
  hoursSet,
  LIMITS,
  NO_LIMITS,
  policyDeleted,
  policySet,
  removed,
  synced,
  timeOff,
  timeOffId,
} from './samples.js';

const at = (time: number) => new Date(time);

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** The rows that a table has after events, one after the other. */
async function rowsAfter(table: string, ...events: OfferingEvent[]): Promise<unknown[]> {
  const { pool } = world;
  await pool.query(`truncate read_model.${table}`);
  for (const event of recorded(...events)) await project(pool, event);
  const dates = table === 'time_off' ? ', first_date::text, last_date::text' : '';
  return (await pool.query(`select *${dates} from read_model.${table} order by 1`)).rows;
}

/** The hours of the samples, as the tables have them. */
const set = {
  time_zone: 'Europe/Zurich',
  weekly: [
    { days: ['MONDAY', 'SUNDAY'], from: '09:00', to: '12:00' },
    { days: ['FRIDAY'], from: '22:00', to: '02:00' },
  ],
  dates: HOURS.dates,
};
const nothing = { time_zone: null, weekly: null, dates: null };

test.each<[string, OfferingEvent[], object]>([
  ['set', [hoursSet()], { state: 'set', ...set, revision: 0n, updated_at: at(NOON) }],
  [
    'set again',
    [hoursSet(), hoursSet({ weekly: [], dates: [] }, NOON + 1)],
    { state: 'set', ...set, weekly: [], dates: [], revision: 1n, updated_at: at(NOON + 1) },
  ],
  [
    'deleted',
    [hoursSet(), hoursDeleted(NOON + 1)],
    { state: 'deleted', ...nothing, revision: 1n, updated_at: at(NOON + 1) },
  ],
])('the hours of a coach that were %s', async (_, events, expected) => {
  expect(await rowsAfter('availability', ...events)).toEqual([{ coach_hash_id: 'ann', ...expected }]);
});

test('every change of the hours of a coach, and who made it', async () => {
  const { pool } = world;
  await pool.query('truncate read_model.availability_history');
  const facts = [
    stored(hoursSet(), { actor: 'desk', subject: 'svc', requestId: 'r-1', correlationId: 'c-1' }),
    stored(hoursDeleted(NOON + 1), { correlationId: 'c-2' }),
  ];
  const events = facts.map((fact, nr) => ({
    ...asRead(fact),
    stream: coachStream('ann'),
    revision: BigInt(nr),
    position: BigInt(nr + 7),
    recordedAt: NOON,
  }));
  await project(pool, ...events);

  const { rows } = await pool.query('select * from read_model.availability_history order by revision');
  expect(rows).toEqual([
    {
      coach_hash_id: 'ann',
      revision: 0n,
      type: 'AvailabilitySet',
      decided_at: at(NOON),
      actor: 'desk',
      subject: 'svc',
      request_id: 'r-1',
      correlation_id: 'c-1',
      position: 7n,
      ...set,
    },
    {
      coach_hash_id: 'ann',
      revision: 1n,
      type: 'AvailabilityDeleted',
      decided_at: at(NOON + 1),
      actor: null,
      subject: null,
      request_id: null,
      correlation_id: 'c-2',
      position: 8n,
      ...nothing,
    },
  ]);
});

const unlimited = {
  gap_before: null,
  gap_after: null,
  notice: null,
  horizon_days: null,
  grid: null,
  durations: [],
  max_per_day: null,
  max_per_week: null,
  allow_outside_hours: false,
  time_zone: null,
};
const limited = {
  gap_before: 15,
  gap_after: 0,
  notice: 120,
  horizon_days: 60,
  grid: 30,
  durations: [60, 45],
  max_per_day: 4,
  max_per_week: 12,
  allow_outside_hours: true,
  time_zone: 'Asia/Kathmandu',
};

test.each<[string, OfferingEvent[], object]>([
  ['limits everything', [policySet(LIMITS)], { state: 'set', ...limited, revision: 0n, updated_at: at(NOON) }],
  [
    'limits nothing',
    [policySet(LIMITS), policySet(NO_LIMITS, NOON + 1)],
    { state: 'set', ...unlimited, revision: 1n, updated_at: at(NOON + 1) },
  ],
  [
    'was deleted',
    [policySet(LIMITS), policyDeleted(NOON + 1)],
    {
      state: 'deleted',
      ...unlimited,
      durations: null,
      allow_outside_hours: null,
      revision: 1n,
      updated_at: at(NOON + 1),
    },
  ],
])('a booking policy that %s', async (_, events, expected) => {
  expect(await rowsAfter('booking_policies', ...events)).toEqual([{ coach_hash_id: 'ann', ...expected }]);
});

const hour = timeOff(1, { reason: 'a dentist', source: 'mail', externalId: 'uid-1' });
const row = {
  id: timeOffId(1),
  coach_hash_id: 'ann',
  starts_at: at(NOON),
  ends_at: at(NOON + 3_600_000),
  first_date: null,
  last_date: null,
  reason: 'a dentist',
  source: 'mail',
  external_id: 'uid-1',
  created_at: at(NOON),
  removed_at: null,
  revision: 0n,
};
const gone = { ...row, created_at: null, removed_at: at(NOON + 1), revision: 1n };

test.each<[string, OfferingEvent[], object[]]>([
  ['was added', [added(hour)], [row]],
  [
    'is of whole dates, as it would be in UTC',
    [added(timeOff(1, { firstDate: '2030-03-30', lastDate: '2030-03-31' }))],
    [
      {
        ...row,
        starts_at: at(Date.parse('2030-03-30T00:00:00Z')),
        ends_at: at(Date.parse('2030-04-01T00:00:00Z')),
        first_date: '2030-03-30',
        last_date: '2030-03-31',
        reason: null,
        source: null,
        external_id: null,
      },
    ],
  ],
  ['was removed', [added(hour), removed(hour, NOON + 1)], [gone]],
  [
    'was synced away, and what came with the sync',
    [added(hour), synced({ removed: [hour], added: [{ ...hour, timeOffId: timeOffId(2) }] }, NOON + 1)],
    [gone, { ...row, id: timeOffId(2), created_at: at(NOON + 1), revision: 1n }],
  ],
])('a time off that %s', async (_, events, expected) => {
  expect(await rowsAfter('time_off', ...events)).toEqual(expected);
});
