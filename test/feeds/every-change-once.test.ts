import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { type ChangeFilter, isTold } from '../../src/application/change-feed.js';
import type { CoachEvent } from '../../src/domain/coach/events.js';
import { coachEvents } from '../../src/event-store/event-codec.js';
import type { EventStore, RecordedEvent } from '../../src/event-store/event-store.js';
import { meets } from '../../src/feeds/recent-changes.js';
import { book, NOON, scheduled } from '../projections/support.js';
import { openTestEventStore as openKurrentdb } from '../support/event-store-kurrentdb.js';
import { openTestEventStore as openPostgres } from '../support/event-store-postgres.js';
import { createMemoryLog } from '../support/memory-event-store.js';
import { createScreen, EVERYTHING, feedOf, readAll, type Told } from './support.js';

/** Something happens in the log, is shown by reads, or begins to be followed. */
type Step =
  | { readonly append: { readonly coachHashId: string; readonly clientHashId: string; readonly kind: string } }
  | { readonly show: number }
  | { readonly follow: { readonly filter: ChangeFilter; readonly after: number; readonly rest: number } }
  | { readonly pass: number };

const coach = fc.constantFrom('ann', 'eve', 'eveline');
const client = fc.constantFrom('bob', 'cat');
const type = fc.constantFrom('SessionScheduled' as const, 'HoldReleased' as const, 'BookingPolicyDeleted' as const);
const filter: fc.Arbitrary<ChangeFilter> = fc.record(
  { coachHashId: coach, clientHashId: client, types: fc.uniqueArray(type).map((all) => new Set(all)) },
  { requiredKeys: [] },
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        append: fc.record({
          coachHashId: coach,
          clientHashId: client,
          kind: fc.oneof(type, fc.constant('SeriesCancelled')),
        }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ show: fc.integer({ min: 1, max: 6 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        follow: fc.record({ filter, after: fc.nat({ max: 100 }), rest: fc.nat({ max: 12 }) }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 8 }) }) },
  ),
  { maxLength: 60, size: 'max' },
);

function eventOf({
  coachHashId,
  clientHashId,
  kind,
}: {
  coachHashId: string;
  clientHashId: string;
  kind: string;
}): CoachEvent {
  const whose = { coachHashId, clientHashId };
  if (kind === 'BookingPolicyDeleted') return { type: 'BookingPolicyDeleted', coachHashId, deletedAt: NOON };
  if (kind === 'SeriesCancelled')
    return {
      type: 'SeriesCancelled',
      seriesId: randomUUID(),
      fromOccurrence: 1,
      cancelledBy: 'coach',
      reason: undefined,
      cancelledAt: NOON,
      ...whose,
    } as never;
  if (kind === 'HoldReleased')
    return {
      type: 'HoldReleased',
      holdId: randomUUID(),
      start: NOON,
      duration: 60,
      heldAt: NOON,
      expiresAt: NOON,
      releasedAt: NOON,
      reservationId: undefined,
      ...whose,
    } as never;
  return scheduled(whose);
}

/** The ids of what a follower is to be told, by the log alone. */
function idsIn(log: readonly RecordedEvent[], filter: ChangeFilter, after: bigint): string[] {
  return log.flatMap((recorded) => {
    const event = coachEvents.decode(recorded);
    if (recorded.position <= after || !isTold(event)) return [];
    return meets({ event } as never, filter) ? [recorded.id] : [];
  });
}

async function logOf(store: EventStore, length: bigint): Promise<RecordedEvent[]> {
  const reading = new AbortController();
  const all: RecordedEvent[] = [];
  for await (const { events, position } of store.subscribe(0n, { prefixes: ['coach-'] }, reading.signal)) {
    all.push(...events);
    if (position >= length) reading.abort();
  }
  return all;
}

test('each follower is told each of its changes once, in order, and none before a read shows it', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const store = createMemoryLog(4).open();
      const shown = createScreen();
      const ending = new AbortController();
      const feed = feedOf(store, ending.signal, { shown });
      const reading = new AbortController();
      setMaxListeners(0, reading.signal);
      const followers: { after: bigint; filter: ChangeFilter; told: Told }[] = [];

      for (const step of all) {
        const head = await store.head();
        if ('append' in step) await book(store, eventOf(step.append));
        else if ('show' in step)
          shown.show(shown.now + BigInt(step.show) < head ? shown.now + BigInt(step.show) : head);
        else if ('pass' in step) for (let times = 0; times < step.pass; times += 1) await turn();
        else {
          const { filter, rest } = step.follow;
          // Also from where this process has not come yet, as who was told by another process.
          const after = (head * BigInt(step.follow.after)) / 100n;
          const follower = await feed.follow({ after, filter, signal: reading.signal });
          let last = after;
          const told = readAll(
            follower,
            (changes, position) => {
              for (const change of changes) {
                expect(change.position).toBeGreaterThan(last);
                expect(change.position).toBeLessThanOrEqual(shown.now);
                last = change.position;
              }
              expect(position).toBeGreaterThanOrEqual(last);
              last = position;
            },
            async () => {
              for (let times = 0; times < rest; times += 1) await turn();
            },
          );
          followers.push({ after, filter, told });
        }
      }

      // One more, so that everybody gets to know how far the log goes.
      const head = await book(store, scheduled({ coachHashId: 'ann' }));
      shown.show(head);
      const isBehind = () => followers.some(({ told }) => !told.error && told.follower.position() < head);
      for (let times = 0; isBehind() && times < 10_000; times += 1) await turn();
      const log = await logOf(store, head);
      for (const { after, filter, told } of followers) {
        expect(told.error).toBeUndefined();
        expect(told.follower.position()).toBe(head);
        expect(told.changes.map(({ id }) => id)).toEqual(idsIn(log, filter, after));
      }
      reading.abort(new Error('the test is over'));
      ending.abort();
    }),
    { numRuns: 150 },
  );
});

test.each([
  ['PostgreSQL', openPostgres],
  ['KurrentDB', openKurrentdb],
])('while writers race in two processes, with %s', async (_, open) => {
  const { store, openAnother, close } = await open();
  const ending = new AbortController();
  onTestFinished(async () => {
    ending.abort();
    await close();
  });
  const others = await openAnother();
  const shown = { position: async () => 0n, reached: async () => {} };
  const feed = feedOf(store, ending.signal, { shown, limits: { kept: 20, queue: 40, arrival: 10, pause: 60_000 } });
  const coaches = ['ann', 'eve', 'joe'];
  const writers = [store, others].flatMap((by) => coaches.map((coachHashId) => ({ by, coachHashId })));
  const first = readAll(await feed.follow({ after: 0n, filter: EVERYTHING, signal: ending.signal }));
  const late: { after: bigint; coachHashId: string; told: Told }[] = [];

  await Promise.all(
    writers.map(async ({ by, coachHashId }, index) => {
      for (let times = 0; times < 60; times += 1) {
        await book(by, scheduled({ coachHashId }));
        if (times === 10 * index) {
          const after = first.changes[Math.floor(first.changes.length / 2)]?.position ?? 0n;
          const follower = await feed.follow({ after, filter: { coachHashId }, signal: ending.signal });
          late.push({ after, coachHashId, told: readAll(follower) });
        }
      }
    }),
  );
  await expect.poll(() => first.changes.length).toBe(360);
  const ids = first.changes.map(({ id }) => id);
  expect(new Set(ids).size).toBe(360);
  for (const coachHashId of coaches) {
    const revisions = first.changes
      .filter(({ event }) => event.coachHashId === coachHashId)
      .map(({ revision }) => revision);
    expect(revisions).toEqual(Array.from({ length: 120 }, (_one, index) => index));
  }
  for (const { after, coachHashId, told } of late) {
    const expected = ids.filter((_one, index) => {
      const { position, event } = first.changes[index]!;
      return position > after && event.coachHashId === coachHashId;
    });
    await expect.poll(() => told.changes.map(({ id }) => id)).toEqual(expected);
  }
});
