import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.js';
import {
  addTimeOff,
  cancelSession,
  type Door,
  doorsOf,
  explainSlot,
  findSlots,
  findSlotsOfCoaches,
  holdSlot,
  scheduleSession,
  setAvailability,
  setBookingPolicy,
} from '../support/doors.js';
import { buildService, type ServiceProcess, startServiceProcess } from '../support/service-process.js';

/** How often each test is done: a search that now and then misses a write should be found out. */
const ROUNDS = 10;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
const services: ServiceProcess[] = [];
const doors: Door[] = [];

beforeAll(async () => {
  await buildService();
  database = await createTestDatabase();
});

// Waits as only tests and what is done before each of them can.
beforeEach(async () => {
  if (doors.length > 0) return;
  const both = [1, 2].map(() => startServiceProcess({ EVENT_STORE_URL: database.url }));
  services.push(...(await Promise.all(both)));
  doors.push(...services.map((service) => doorsOf(service).find(({ name }) => name === 'gRPC') as Door));
});

afterAll(async () => {
  for (const door of doors) door.close();
  for (const service of services) await service.end('SIGTERM');
  await database?.drop();
});

const at = (time: string) => `2030-04-01T${time}:00Z`;
const DAY = { from: at('00:00'), to: at('23:59'), duration: 60 };
const TWO_HOURS = { time_zone: 'UTC', weekly: [{ days: ['MONDAY'], from: '08:00', to: '10:00' }] };

const startsIn = ({ response }: { response?: unknown }) =>
  ((response as { slots?: { start: string }[] }).slots ?? []).map(({ start }) => start);

/** What is written through one process, and the starts that the other one offers right after. */
const WRITES: [what: string, write: (coach: string, door: Door) => Promise<unknown>, offered: string[]][] = [
  ['a session', (coach, { call }) => call(scheduleSession, { session: slotOf(coach, '08:00') }), [at('09:00')]],
  ['a hold', (coach, { call }) => call(holdSlot, { hold: slotOf(coach, '09:00') }), [at('08:00')]],
  [
    'time off',
    (coach_hash_id, { call }) =>
      call(addTimeOff, { coach_hash_id, time_off: { start: at('07:00'), end: at('08:30') } }),
    [at('09:00')],
  ],
  [
    'an availability',
    (coach_hash_id, { call }) => call(setAvailability, { coach_hash_id, availability: { time_zone: 'UTC' } }),
    [],
  ],
  [
    'a policy',
    (coach_hash_id, { call }) => call(setBookingPolicy, { coach_hash_id, booking_policy: { durations: [30] } }),
    [],
  ],
  [
    'a session that is cancelled',
    async (coach, { call }) => {
      const { response } = await call(scheduleSession, { session: slotOf(coach, '08:00') });
      const { id } = (response as { session: { id: string } }).session;
      await call(cancelSession, { id, cancelled_by: 'PARTY_COACH' });
    },
    [at('08:00'), at('09:00')],
  ],
];

function slotOf(coach_hash_id: string, time: string): JsonObject {
  return { coach_hash_id, client_hash_id: randomUUID(), start: at(time), duration: 60 };
}

/** A coach of two hours whom both processes have in memory. */
async function knownCoach(): Promise<string> {
  const coach_hash_id = randomUUID();
  const [one, other] = doors as [Door, Door];
  await one.call(setBookingPolicy, { coach_hash_id, booking_policy: { grid: 60 } });
  await other.call(setAvailability, { coach_hash_id, availability: TWO_HOURS });
  for (const { call } of doors) await call(findSlots, { coach_hash_id, ...DAY });
  return coach_hash_id;
}

test.each(WRITES)('%s through one process is seen by searches through the other at once', async (_, write, offered) => {
  const [one, other] = doors as [Door, Door];
  for (let round = 0; round < ROUNDS; round += 1) {
    const coach_hash_id = await knownCoach();
    await write(coach_hash_id, round % 2 === 0 ? one : other);
    const { call } = round % 2 === 0 ? other : one;
    const [found, ofCoaches, explained] = await Promise.all([
      call(findSlots, { coach_hash_id, ...DAY }),
      call(findSlotsOfCoaches, { coach_hash_ids: [coach_hash_id], ...DAY }),
      call(explainSlot, { coach_hash_id, start: at('08:00'), duration: 60 }),
    ]);
    expect(startsIn(found)).toEqual(offered);
    expect(startsIn(ofCoaches)).toEqual(offered);
    const { bookable = false } = explained.response as { bookable?: boolean };
    expect(bookable).toBe(offered.includes(at('08:00')));
  }
});

test("what a client books through one process is left out of another coach's slots through the other at once", async () => {
  const [one, other] = doors as [Door, Door];
  for (let round = 0; round < ROUNDS; round += 1) {
    const coach_hash_id = await knownCoach();
    const session = slotOf(randomUUID(), '08:30');
    const client_hash_id = session['client_hash_id'] as string;
    await one.call(scheduleSession, { session });
    const found = await other.call(findSlots, { coach_hash_id, ...DAY, client_hash_id });
    expect(startsIn(found)).toEqual([]);
  }
});
