import type { DescMethodUnary, JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { calendar, event } from '../calendars/samples.js';
import {
  type Answer,
  addTimeOff,
  type Door,
  doorsOf,
  explainSlot,
  findSlots,
  findSlotsOfCoaches,
  setAvailability,
  setBookingPolicy,
  simulatePolicy,
  syncTimeOff,
} from '../support/doors.js';
import { startTestService, type TestService } from '../support/service.js';
import { buildService } from '../support/service-process.js';
import type { Attack } from './attack.js';
import { carryOut, type Target } from './carry-out.js';
import { asLast, httpRequest, written } from './http1.js';
import { populate } from './populate.js';
import { type Stretches, watchStretches } from './stretches.js';
import { atMinute, type World } from './world.js';

// The largest requests about what coaches offer, in a service with a long past: none holds the event loop for long.

/**
 * In milliseconds of processor time: of a search, and of a command, as in worst-input.test.ts. A search takes half of it
 * on an idle machine.
 */
const LONGEST_SEARCH = 40;
const LONGEST_COMMAND = 50;

/**
 * Each request is sent so often at most, until one is short enough: garbage may be collected in one, new code is slow,
 * and what else runs on a busy machine takes the caches away.
 */
const TRIES = 60;

const LONG_PAST = 10_000;
const DAY = 1_440;

let service: TestService;
let doors: Door[];
let world: World;
let target: Target;
let stretches: Stretches;

beforeAll(async () => {
  await buildService();
  service = await startTestService();
  const { httpUrl, grpcAddress } = service;
  target = { httpPort: Number(new URL(httpUrl).port), grpcPort: Number(grpcAddress.split(':')[1]) };
  world = await populate(service, LONG_PAST);
  doors = doorsOf(service);
  for (const coach_hash_id of coaches()) {
    await call(setBookingPolicy, { coach_hash_id, booking_policy: { grid: 1, gap_before: 5, max_per_week: 10_080 } });
  }
  stretches = watchStretches();
}, 180_000);

afterAll(async () => {
  stretches?.stop();
  for (const door of doors ?? []) door.close();
  await service?.stop();
});

const call = (method: DescMethodUnary, request: JsonObject): Promise<Answer> =>
  (doors.find(({ name }) => name === 'gRPC') as Door).call(method, request);

/** As many as a search may be about; the first 20 have sessions, and the first has thousands. */
const coaches = () => Array.from({ length: 100 }, (_, nr) => world.coaches[nr] ?? `idle-${nr}`);
const busiest = () => ({ coach_hash_id: world.coaches[0] as string });
const LONGEST = { from: atMinute(-31 * DAY), to: atMinute(31 * DAY), duration: 1 };

const every = <Item>(count: number, item: (nr: number) => Item) => Array.from({ length: count }, (_, nr) => item(nr));
const dateAt = (day: number) => atMinute(day * DAY).slice(0, 10);
const minuteOf = (minute: number) => atMinute(minute).slice(11, 16);

/** Two minutes of each quarter of an hour. */
const scattered = (hours: number) => every(hours, (nr) => ({ from: minuteOf(nr * 15), to: minuteOf(nr * 15 + 2) }));
const SCATTERED: JsonObject = {
  time_zone: 'Europe/Zurich',
  weekly: every(96, (nr) => ({
    days: ['MONDAY', 'WEDNESDAY', 'SUNDAY'],
    from: minuteOf(nr * 15),
    to: minuteOf(nr * 15 + 2),
  })),
  dates: every(1_000, (nr) => ({ date: dateAt(nr), hours: scattered(5) })),
};
const SHORT_BREAKS = every(2_000, (nr) => ({ start: atMinute(nr * 44), end: atMinute(nr * 44 + 1) }));

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A document of 1 MiB with as many busy times as one may have, each from a minute of the hour on. */
function largestCalendar(minute: number): string {
  const events = every(2_000, (nr) => {
    const start = atMinute(nr * 60 + minute).replaceAll(/[-:]|\.\d+/g, '');
    return event(`UID:${nr}`, `DTSTART:${start}`, 'DURATION:PT30M', 'TRANSP:OPAQUE');
  });
  return calendar(...events).padEnd(1024 * 1024, '\n');
}

const LARGEST: [what: string, method: DescMethodUnary, request: () => JsonObject][] = [
  ['62 days of the busiest coach, minute by minute', findSlots, () => ({ ...busiest(), ...LONGEST })],
  ['62 days of 100 coaches, minute by minute', findSlotsOfCoaches, () => ({ coach_hash_ids: coaches(), ...LONGEST })],
  [
    '62 days of 100 coaches, for the busiest client',
    findSlotsOfCoaches,
    () => ({ coach_hash_ids: coaches(), ...LONGEST, client_hash_id: world.clients[0] as string }),
  ],
  [
    'whole days of 100 coaches, of whom many have none',
    findSlotsOfCoaches,
    () => ({ coach_hash_ids: coaches(), ...LONGEST, duration: DAY }),
  ],
  [
    'the next slot of 100 coaches, far ahead',
    findSlotsOfCoaches,
    () => ({ coach_hash_ids: coaches(), from: atMinute(-400 * DAY), duration: DAY, limit: 1 }),
  ],
  ['the day on which the most is in the way', explainSlot, () => ({ ...busiest(), start: atMinute(0), duration: DAY })],
  [
    'another policy',
    simulatePolicy,
    () => ({
      ...busiest(),
      ...LONGEST,
      booking_policy: { grid: 1, gap_after: 1_440, durations: [60], max_per_day: 1 },
    }),
  ],
  ['another availability', simulatePolicy, () => ({ ...busiest(), ...LONGEST, availability: SCATTERED })],
  ['an availability', setAvailability, () => ({ ...busiest(), availability: SCATTERED })],
  ['62 days of hours in pieces', findSlots, () => ({ ...busiest(), ...LONGEST, duration: 2 })],
  ['2000 times off', syncTimeOff, () => ({ ...busiest(), source: 'calendar', time_off: SHORT_BREAKS })],
  ['no time off of the source', syncTimeOff, () => ({ ...busiest(), source: 'calendar', time_off: [] })],
  ['2000 times off again', syncTimeOff, () => ({ ...busiest(), source: 'calendar', time_off: SHORT_BREAKS })],
  [
    'a calendar of 1 MiB',
    syncTimeOff,
    () => ({ ...busiest(), source: 'google', calendar: base64(largestCalendar(0)) }),
  ],
  ['another one', syncTimeOff, () => ({ ...busiest(), source: 'google', calendar: base64(largestCalendar(1)) })],
  ['one time off more', addTimeOff, () => ({ ...busiest(), time_off: { start: atMinute(0), end: atMinute(1) } })],
  ['62 days with thousands of times off', findSlots, () => ({ ...busiest(), ...LONGEST, duration: 2 })],
];

test.each(LARGEST)('the event loop is held for a moment only by %s', async (_, method, request) => {
  const limit = 'requestId' in method.input.field ? LONGEST_COMMAND : LONGEST_SEARCH;
  const took: number[] = [];
  // The caller is in the same process, and takes the answer as bytes.
  const bytes = written(asLast(httpRequest('rest', method, request())));
  const attack: Attack = { what: method.name, door: 'rest', writes: [bytes], requests: 1, answers: 1 };
  while (took.length < TRIES && !took.some((ms) => ms <= limit)) {
    stretches.lap();
    const [status] = (await carryOut(attack, target)).httpStatuses;
    took.push(stretches.lap());
    expect([200, 201]).toContain(status);
  }
  expect(Math.min(...took), took.map(Math.round).join(', ')).toBeLessThanOrEqual(limit);
});
