import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CoachCommand } from '../../src/domain/coach/commands.js';
import type { CoachEvent } from '../../src/domain/coach/events.js';
import { dueAt } from '../../src/domain/coach/reminders.js';
import { coachEvents } from '../../src/event-store/event-codec.js';
import type { EventStore } from '../../src/event-store/event-store.js';
import { createRemind } from '../../src/reminders/remind.js';
import { runReminders } from '../../src/reminders/run-reminders.js';
import { silent } from '../projections/support.js';
import { commandProcess } from '../support/command-process.js';
import { readAll } from '../support/event-store-follow.js';
import { createMemoryLog } from '../support/memory-event-store.js';
import { submissionOf } from '../support/submissions.js';
import { createMemoryDatabase, type MemoryDatabase } from './memory-lease.js';

const MINUTE = 60_000;
/** All times are multiples of it, and no offset is shorter: no session begins before its reminders can be told. */
const STEP = 10 * MINUTE;
const BEGIN = Date.parse('2030-01-07T06:00:00Z');
const OFFSETS = [10, 30, 60];
/** The sessions' starts are so many steps after the present time at most. */
const FARTHEST = 12;

type Act =
  | { readonly type: 'book' | 'move'; readonly which: number; readonly steps: number }
  | { readonly type: 'cancel'; readonly which: number }
  /** A process whose clock is behind books, for a time of which reminders are behind. */
  | { readonly type: 'book late'; readonly steps: number }
  | { readonly type: 'pass'; readonly steps: number }
  /** The process that makes reminders dies, with or without what it saved last, and starts again after some steps. */
  | { readonly type: 'die'; readonly steps: number; readonly isSaved: boolean }
  | { readonly type: 'set back'; readonly steps: number };

const which = fc.nat(3);
const steps = fc.integer({ min: 1, max: FARTHEST });

const monotone: fc.Arbitrary<Act>[] = [
  fc.record({ type: fc.constantFrom('book' as const, 'move' as const), which, steps }),
  fc.record({ type: fc.constant('cancel' as const), which }),
  fc.record({ type: fc.constant('book late' as const), steps }),
  fc.record({ type: fc.constant('pass' as const), steps: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ type: fc.constant('die' as const), steps: fc.nat(3), isSaved: fc.boolean() }),
];
const jumping = [...monotone, fc.record({ type: fc.constant('set back' as const), steps })];

const actsOf = (some: fc.Arbitrary<Act>[]) => fc.array(fc.oneof(...some), { minLength: 5, maxLength: 25, size: 'max' });

/** What happened, and when there was nothing left to tell. */
interface Story {
  readonly events: readonly CoachEvent[];
  readonly settled: readonly Settled[];
}

interface Settled {
  readonly time: number;
  /** How many events there were by then. */
  readonly count: number;
}

async function play(acts: readonly Act[]): Promise<Story> {
  const store = createMemoryLog().open();
  const database = createMemoryDatabase(store);
  const commands = commandProcess(store);
  const settled: Settled[] = [];
  const booked: string[] = [];
  let time = BEGIN;
  let process = startProcess(store, database, () => time);

  const send = (command: CoachCommand) => commands.submit(submissionOf(command));
  const book = async (start: number, now: number) => {
    booked.push(randomUUID());
    const slot = { sessionId: booked.at(-1)!, clientHashId: randomUUID(), start, duration: 1 };
    await send({ type: 'ScheduleSession', coachHashId: 'ann', ...slot, now });
  };
  const settle = async () => {
    const head = await store.head();
    // The read model lags behind until here.
    database.shown = head;
    await expect
      .poll(() => database.saved?.toldUpTo === time && database.saved.position >= head, { interval: 1, timeout: 5_000 })
      .toBe(true);
    settled.push({ time, count: (await readAll(store, 'coach-ann')).length });
  };
  const pass = async (count: number) => {
    for (let step = 0; step < count; step += 1) {
      time += STEP;
      await settle();
    }
  };

  await settle();
  for (const act of acts) {
    const ofSession = {
      coachHashId: 'ann',
      sessionId: booked['which' in act ? act.which : 0] ?? randomUUID(),
      now: time,
    };
    const change = { ...ofSession, etag: undefined, reason: undefined };
    switch (act.type) {
      case 'book':
        await book(time + act.steps * STEP, time);
        break;
      case 'book late':
        await book(time + act.steps * STEP, time - 2 * STEP);
        break;
      case 'move':
        await send({ type: 'RescheduleSession', ...change, start: time + act.steps * STEP, duration: undefined });
        break;
      case 'cancel':
        await send({ type: 'CancelSession', ...change, cancelledBy: 'client' });
        break;
      case 'pass':
        await pass(act.steps);
        break;
      case 'set back':
        time -= act.steps * STEP;
        await settle();
        break;
      case 'die': {
        const { saved } = database;
        await pass(1);
        await process.die();
        if (!act.isSaved) database.saved = saved;
        time += act.steps * STEP;
        process = startProcess(store, database, () => time);
        await settle();
        break;
      }
      default:
        act satisfies never;
    }
  }
  await pass(FARTHEST);
  await process.die();
  const events = (await readAll(store, 'coach-ann')).map((recorded) => coachEvents.decode(recorded));
  return { events, settled };
}

function startProcess(store: EventStore, database: MemoryDatabase, now: () => number) {
  const running = new AbortController();
  const making = runReminders({
    offsets: OFFSETS,
    store,
    holdLease: (signal, work) => work(database.lease(signal)),
    remind: createRemind({ commands: commandProcess(store), now, newId: randomUUID }),
    now,
    log: silent,
    signal: running.signal,
    interval: 1,
  });
  return {
    die: () => {
      running.abort();
      return making;
    },
  };
}

/** A time that a session had, until the event that changed it. */
interface Placement {
  readonly start: number;
  readonly placedAt: number;
  readonly told: number[];
  /** The places of its first event, and of the one that ended it. */
  readonly from: number;
  until: number;
}

/** Checks each reminder against the session as it was then, and answers all times that sessions had. */
function checked(events: readonly CoachEvent[]): Placement[] {
  const present = new Map<string, Placement>();
  const all: Placement[] = [];
  const told = new Set<string>();
  for (const [index, event] of events.entries()) {
    if (!('sessionId' in event)) continue;
    const placement = present.get(event.sessionId);
    switch (event.type) {
      case 'SessionReminderDue': {
        const due = dueAt(event.start, event.offsetMinutes);
        expect(placement?.start).toBe(event.start);
        expect(due).toBeGreaterThan(placement!.placedAt);
        expect(event.remindedAt).toBeGreaterThanOrEqual(due);
        expect(event.remindedAt).toBeLessThan(event.start);
        const key = [event.sessionId, event.start, event.offsetMinutes].join();
        expect(told).not.toContain(key);
        told.add(key);
        placement!.told.push(event.offsetMinutes);
        break;
      }
      case 'SessionScheduled':
      case 'SessionRescheduled': {
        const placedAt = event.type === 'SessionScheduled' ? event.scheduledAt : event.rescheduledAt;
        if (placement) placement.until = index;
        const until = Number.POSITIVE_INFINITY;
        const next: Placement = { start: event.start, placedAt, told: [], from: index, until };
        present.set(event.sessionId, next);
        all.push(next);
        break;
      }
      case 'SessionCancelled':
        placement!.until = index;
        present.delete(event.sessionId);
        break;
      default:
        throw new Error(`unexpected ${event.type}`);
    }
  }
  return all;
}

test('property: each reminder is told once while it can be, whatever is booked, moved and cancelled, and who dies', async () => {
  await fc.assert(
    fc.asyncProperty(actsOf(monotone), async (acts) => {
      const { events, settled } = await play(acts);
      for (const { start, placedAt, told, from, until } of checked(events)) {
        const wanted = OFFSETS.filter((offset) => {
          const due = dueAt(start, offset);
          const couldTell = ({ time, count }: Settled) => time >= due && time < start && from < count && count <= until;
          return due > placedAt && due > BEGIN && settled.some(couldTell);
        });
        expect(told).toEqual(expect.arrayContaining(wanted));
      }
    }),
    { numRuns: 25, endOnFailure: true },
  );
}, 60_000);

test('property: none is told twice, stale, early or late when the clock jumps, too', async () => {
  await fc.assert(
    fc.asyncProperty(actsOf(jumping), async (acts) => {
      checked((await play(acts)).events);
    }),
    { numRuns: 25, endOnFailure: true },
  );
}, 60_000);
