import { randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createFreshness } from '../../../projections/freshness.js';
import { createRequestIndex } from '../../../projections/requests/request-queries.js';
import { sessions } from '../../../projections/sessions-projection.js';
import { createSnapshots } from '../../../projections/snapshots/snapshot-store.js';
import { coachKind } from '../../../src/application/coach/coach-inbox.js';
import { createRequestLedger } from '../../../src/application/coach/requests.js';
import { coachSnapshots } from '../../../src/application/snapshots/coach-snapshot.js';
import { createSnapshotKeeper } from '../../../src/application/snapshots/snapshot-keeper.js';
import type { Snapshots } from '../../../src/application/snapshots/snapshots.js';
import { createAggregates } from '../../../src/application/streams/aggregates.js';
import { type CoachState, coachStream, evolveCoach, initialCoach } from '../../../src/domain/coach/coach.js';
import type { CoachCommand } from '../../../src/domain/coach/commands.js';
import { decideCoach } from '../../../src/domain/coach/decide.js';
import { sizeInMemory } from '../../../src/domain/sorted-list.js';
import type { EventStore } from '../../../src/event-store/event-store.js';
import { EventMetadataSchema } from '../../../src/gen/aceup/scheduler/v1/events_pb.js';
import { NOON, openWorld, run, scheduled, stored, type World } from '../../projections/support.js';
import { itemsOf } from '../../support/items-of.js';
import { createMemoryLog } from '../../support/memory-event-store.js';
import { createMemorySnapshots } from '../../support/memory-snapshots.js';
import { zoneRules } from '../../support/zone-rules.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const HOUR = 3_600_000;
const METADATA = create(EventMetadataSchema);

/** The revisions of the events that were read, of all streams. */
let read: number[];
let failures: unknown[];
beforeEach(async () => {
  read = [];
  failures = [];
  await world.pool.query('delete from read_model.snapshots');
});

/** The coaches of a process of its own. */
function coachesOver(
  snapshots = createSnapshots(world.pool),
  options: { maxTail?: number; maxLoaded?: number; minInterval?: number } = {},
) {
  const { store } = world;
  const counting: EventStore = {
    ...store,
    async *read(stream, from) {
      for await (const page of store.read(stream, from)) {
        read.push(...page.map(({ revision }) => Number(revision)));
        yield page;
      }
    },
  };
  // Background work may outlive its test.
  const failuresOfTest = failures;
  const onFailed = (error: unknown) => void failuresOfTest.push(error);
  const keeper = createSnapshotKeeper({
    snapshots,
    codec: coachSnapshots,
    store,
    streamOf: coachStream,
    onFailed,
    maxTail: 4,
    minInterval: 0,
    ...options,
  });
  return createAggregates({ kind: coachKind, store: counting, newId: randomUUID, maxBytes: 1_000_000, states: keeper });
}

/** The coach as the aggregates have it: with every event of its stream, and all of it in memory. */
async function look(coachHashId: string, coaches: ReturnType<typeof coachesOver> = coachesOver()) {
  const done = await coaches.transact(coachHashId, ({ state }) => {
    itemsOf(state.calendar);
    itemsOf(state.sessions);
    return { facts: [], state, isFinal: false };
  });
  if (done.kind !== 'done') throw new Error('nothing was appended that could conflict');
  return done.aggregate;
}

/** A session at an hour, with an id that follows those of the hours before, as the service's ids do. */
function booking(coachHashId: string, hour: number) {
  const sessionId = `${coachHashId.slice(0, 24)}${hour.toString(16).padStart(12, '0')}`;
  return scheduled({ coachHashId, sessionId, start: NOON + hour * HOUR });
}

/** Books more hours of a coach, one after the other. */
async function book(coachHashId: string, sessions: number): Promise<void> {
  const stream = coachStream(coachHashId);
  let nr = 0;
  for await (const page of world.store.read(stream)) nr += page.length;
  const events = Array.from({ length: sessions }, (_, index) =>
    stored(booking(coachHashId, nr + index), { requestId: `request-${nr + index}` }),
  );
  await world.store.append(stream, 'any', events);
}

interface SnapshotRow {
  readonly revision: bigint;
  readonly form: number;
}

async function snapshotOf(coachHashId: string): Promise<SnapshotRow | undefined> {
  const { rows } = await world.pool.query<SnapshotRow>(
    'select revision, form from read_model.snapshots where stream = $1',
    [coachStream(coachHashId)],
  );
  return rows[0];
}

/** A coach with ten sessions and a snapshot that has them all. */
async function snapshotted(): Promise<string> {
  const coach = randomUUID();
  await book(coach, 10);
  await look(coach);
  await expect.poll(() => snapshotOf(coach)).toMatchObject({ revision: 9n });
  read = [];
  return coach;
}

/** Loads a coach in a new process, and checks that the state is the one that its events give. */
async function load(coachHashId: string) {
  const loaded = await look(coachHashId);
  const parts = { kind: coachKind, store: world.store, newId: randomUUID, maxBytes: 1_000_000 };
  const aggregate = await look(coachHashId, createAggregates(parts));
  expect(loaded.revision).toBe(aggregate.revision);
  const sessionsOf = ({ state }: typeof aggregate) => itemsOf(state.sessions);
  expect(sessionsOf(loaded)).toEqual(sessionsOf(aggregate));
  return loaded;
}

const upTo = (last: number) => Array.from({ length: last + 1 }, (_, revision) => revision);

test('of a coach with a snapshot, the event that it was made at and those after it are read', async () => {
  const coach = await snapshotted();
  await book(coach, 2);
  await load(coach);
  expect(read).toEqual([9, 10, 11]);
});

test('no event after the snapshot is needed', async () => {
  const coach = await snapshotted();
  await load(coach);
  expect(read).toEqual([9]);
});

test('a coach with few events gets no snapshot', async () => {
  const [few, many] = [randomUUID(), randomUUID()];
  await book(few, 4);
  await book(many, 5);
  const coaches = coachesOver();
  await look(few, coaches);
  await look(many, coaches);
  await expect.poll(() => snapshotOf(many)).toBeDefined();
  expect(await snapshotOf(few)).toBeUndefined();
});

test('a new snapshot takes the place of the last one when many events came since', async () => {
  const coach = await snapshotted();
  await book(coach, 5);
  await load(coach);
  await expect.poll(() => snapshotOf(coach)).toMatchObject({ revision: 14n });
});

test('what a burst leaves within the rest after a snapshot is in the next one, though nothing more comes', async () => {
  const coaches = coachesOver(createSnapshots(world.pool), { minInterval: 2_000 });
  const coach = randomUUID();
  await book(coach, 10);
  await look(coach, coaches);
  await expect.poll(() => snapshotOf(coach)).toMatchObject({ revision: 9n });
  await book(coach, 10);
  await look(coach, coaches);
  expect(await snapshotOf(coach)).toMatchObject({ revision: 9n });
  await expect.poll(() => snapshotOf(coach)).toMatchObject({ revision: 19n });
});

test('snapshots that are due together are all made, one at a time', async () => {
  const coaches = Array.from({ length: 5 }, () => randomUUID());
  await Promise.all(coaches.map((coach) => book(coach, 6)));
  const snapshots = createSnapshots(world.pool);
  let underWay = 0;
  const atOnce: number[] = [];
  const watched: Snapshots = {
    ...snapshots,
    async save(...snapshot) {
      underWay += 1;
      atOnce.push(underWay);
      const id = await snapshots.save(...snapshot);
      underWay -= 1;
      return id;
    },
  };
  const all = coachesOver(watched);
  await Promise.all(coaches.map((coach) => look(coach, all)));
  for (const coach of coaches) await expect.poll(() => snapshotOf(coach)).toBeDefined();
  expect(atOnce).toEqual([1, 1, 1, 1, 1]);
});

test('requests are found as before: those that the snapshot covers in the index, later ones in memory', async () => {
  const coach = await snapshotted();
  await book(coach, 1);
  const aggregate = await load(coach);
  const found = (requestId: string) => aggregate.recentRequests.find(requestId)?.revision;
  expect([found('request-9'), found('request-10')]).toEqual([undefined, 10n]);

  run(sessions, world);
  const index = createRequestIndex(world.pool, createFreshness({ pool: world.pool, projection: sessions.name }));
  const earlier = await createRequestLedger(index).findEarlier(aggregate, ['request-3', 'request-10', 'new']);
  expect(earlier.get('request-3')).toMatchObject({ sameCoach: true, revision: 3n });
  expect(earlier.get('request-10')).toMatchObject({ sameCoach: true, revision: 10n });
  expect(earlier.get('new')).toBeUndefined();
});

describe('all events are read when the snapshot', () => {
  test.each([
    ['is of another log: its event has another id', "snapshots set event_id = '00000000-0000-4000-8000-000000000000'"],
    ['is of another log: its event is elsewhere', 'snapshots set position = position + 1'],
    ['is ahead of the log', 'snapshots set revision = 12'],
    ['has another form', 'snapshots set form = form + 1'],
    ['is damaged', 'snapshots set manifest = set_byte(manifest, 20, get_byte(manifest, 20) # 255)'],
    ['is cut off', 'snapshots set manifest = substr(manifest, 1, 100)'],
    ['is empty', "snapshots set manifest = ''"],
    ['has a damaged segment', 'snapshot_segments set bytes = set_byte(bytes, 20, get_byte(bytes, 20) # 255)'],
    ['has a segment that is cut off', 'snapshot_segments set bytes = substr(bytes, 1, 100)'],
    ['has lost its segments', 'snapshot_segments set id = gen_random_uuid()'],
  ])('%s', async (_, change) => {
    const coach = await snapshotted();
    await world.pool.query(`update read_model.${change}`);
    await load(coach);
    expect(read.slice(-10)).toEqual(upTo(9));
  });

  test('cannot be asked for', async () => {
    const coach = await snapshotted();
    await withoutTable();
    await load(coach);
    expect(read).toEqual(upTo(9));
  });
});

test('a failure is reported once, and again after a success', async () => {
  const coaches = coachesOver();
  const back = await withoutTable();
  await look(randomUUID(), coaches);
  await look(randomUUID(), coaches);
  expect(failures).toHaveLength(1);

  await back();
  await look(randomUUID(), coaches);
  await withoutTable();
  await look(randomUUID(), coaches);
  expect(failures).toHaveLength(2);
});

test('a snapshot that cannot be saved fails no command, and the next one is tried after as many events', async () => {
  const coach = randomUUID();
  await book(coach, 5);
  const snapshots = createSnapshots(world.pool);
  const tried: bigint[] = [];
  const broken: Snapshots = {
    ...snapshots,
    async save(_stream, _base, { revision }) {
      tried.push(revision);
      throw new Error('the disk is full');
    },
  };
  const coaches = coachesOver(broken);
  await look(coach, coaches);
  await expect.poll(() => failures).toHaveLength(1);
  await book(coach, 4);
  await look(coach, coaches);
  await book(coach, 1);
  await look(coach, coaches);
  await expect.poll(() => tried).toEqual([4n, 9n]);
});

/** Renames the table until the test ends or the returned function is called. */
async function withoutTable(): Promise<() => Promise<unknown>> {
  await world.pool.query('alter table read_model.snapshots rename to away');
  const back = () => world.pool.query('alter table if exists read_model.away rename to snapshots');
  onTestFinished(async () => void (await back()));
  return back;
}

describe('a coach with 1,000 sessions', () => {
  /** How many sessions are in memory after a booking at the hour. */
  async function inMemoryAfter(coachHashId: string, hour: number, coaches: ReturnType<typeof coachesOver>) {
    const facts = [{ event: booking(coachHashId, hour), metadata: METADATA }];
    const done = await coaches.transact(coachHashId, ({ state }) => {
      return { facts, state: facts.reduce((before, { event }) => evolveCoach(before, event), state), isFinal: false };
    });
    if (done.kind !== 'done') throw new Error('nobody else appends');
    return sizeInMemory(done.aggregate.state.sessions);
  }

  async function thousand(options?: { maxTail?: number; maxLoaded?: number }) {
    const coach = randomUUID();
    await book(coach, 1_000);
    const coaches = coachesOver(undefined, options);
    await look(coach, coaches);
    await expect.poll(() => snapshotOf(coach)).toMatchObject({ revision: 999n });
    return { coach, coaches };
  }

  test('does not stay in memory, once it is stored', async () => {
    const { coach, coaches } = await thousand({ maxTail: 500, maxLoaded: 2 });
    expect(await inMemoryAfter(coach, 1_000, coaches)).toBeLessThan(400);
  });

  test('has as much in memory as it needs, after a start', async () => {
    const { coach } = await thousand();
    read = [];
    expect(await inMemoryAfter(coach, 1_000, coachesOver())).toBeLessThan(300);
    expect(read).toEqual([999]);
  });

  test('stays in memory as far as it fits', async () => {
    const { coach, coaches } = await thousand();
    expect(await inMemoryAfter(coach, 1_000, coaches)).toBe(1_001);
  });

  test('gets a snapshot of what has changed, in place of what it replaces', async () => {
    const { coach, coaches } = await thousand({ maxTail: 0 });
    const segments = async () => {
      const { rows } = await world.pool.query<{ id: string }>(
        `select segment.id
         from read_model.snapshots
         join read_model.snapshot_segments as segment on snapshot = snapshots.id
         where stream = $1`,
        [coachStream(coach)],
      );
      return rows.map(({ id }) => id);
    };
    const before = await segments();
    for (const hour of [1_000, 1_001, 1_002]) {
      await inMemoryAfter(coach, hour, coaches);
      await expect.poll(() => snapshotOf(coach)).toMatchObject({ revision: BigInt(hour) });
      // A part and the root of the calendar and of the sessions are new. Those that they replace go the next time.
      expect((await segments()).length - before.length).toBe(4);
    }
  });
});

test('a coach of whom another process has saved a snapshot is loaded anew', async () => {
  const coach = await snapshotted();
  const [here, there] = [coachesOver(), coachesOver()];
  await look(coach, here);
  await look(coach, there);
  await book(coach, 5);
  await look(coach, here);
  await expect.poll(() => snapshotOf(coach)).toMatchObject({ revision: 14n });

  await book(coach, 5);
  await look(coach, there);
  await expect
    .poll(async () => {
      read = [];
      await book(coach, 1);
      await look(coach, there);
      return read.includes(14);
    })
    .toBe(true);
  expect(failures).toEqual([]);
});

/** Ids in the order in which they were given, as the service gives them. */
const idOf = (nr: number) => `01900000-0000-7000-8000-${nr.toString(16).padStart(12, '0')}`;

describe('while a long stream is read for the first time', () => {
  const PAGE = 50;

  /** Reads a coach with 1,000 sessions, each booked by the request of its number. */
  async function read(requestOf: (nr: number) => string) {
    const log = createMemoryLog(PAGE);
    const store = log.open();
    const events = Array.from({ length: 1_000 }, (_, nr) =>
      stored(scheduled({ coachHashId: 'ann', sessionId: idOf(nr), start: NOON + nr * HOUR }), {
        requestId: requestOf(nr),
      }),
    );
    await store.append(coachStream('ann'), 'any', events);

    const saved: number[] = [];
    const all = createMemorySnapshots();
    const snapshots: Snapshots = {
      ...all,
      save(stream, base, head, write) {
        saved.push(Number(head.revision));
        return all.save(stream, base, head, write);
      },
    };
    const parts = { snapshots, codec: coachSnapshots, store, streamOf: coachStream, onFailed: () => expect.fail() };
    const states = createSnapshotKeeper({ ...parts, maxTail: 10_000, maxUnsaved: 300 });
    const coaches = createAggregates({ kind: coachKind, store, newId: randomUUID, maxBytes: 1_000_000, states });
    const done = await coaches.transact('ann', ({ state }) => ({ facts: [], state, isFinal: true }));
    if (done.kind !== 'done') throw new Error('nobody else appends');
    return { saved, state: done.aggregate.state };
  }

  test('its state is saved now and then, and what is saved does not stay in memory', async () => {
    const { saved, state } = await read(() => '');
    expect(saved).toEqual([299, 599, 899]);
    expect(state.sessions.size).toBe(1_000);
    expect(sizeInMemory(state.sessions)).toBeLessThan(300);
  });

  test('it is not saved between events of one command', async () => {
    const { saved } = await read((nr) => `request-${Math.floor((nr + 7) / PAGE)}`);
    expect(saved).toEqual([]);
    const { saved: later } = await read((nr) => (nr < 320 ? 'a long one' : `request-${nr}`));
    expect(later).toEqual([349, 649, 949]);
  });
});

/** Something to do at a coach who has had many sessions: at any of their hours, or soon after them. */
const PAST = 400;
const act = fc.record({
  at: fc.integer({ min: 0, max: PAST + 50 }),
  duration: fc.constantFrom(30, 60, 90),
  what: fc.constantFrom('book', 'book', 'move', 'cancel', 'hold', 'confirm'),
  /** The session or the hold, by when it was made. */
  which: fc.nat({ max: PAST + 20 }),
  process: fc.nat({ max: 1 }),
  /** Segments that get lost before, or the whole snapshot. */
  loss: fc.option(fc.oneof(fc.constant('all' as const), fc.array(fc.nat(), { minLength: 1, maxLength: 3 })), {
    freq: 5,
    nil: undefined,
  }),
});

test('property: whatever gets lost, processes decide as if they had read all events', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 30, size: 'max' }), async (acts) => {
      const log = createMemoryLog();
      const snapshots = createMemorySnapshots();
      const stream = coachStream('ann');
      const startOf = (hour: number) => NOON + hour * HOUR;
      const past = Array.from({ length: PAST }, (_, nr) =>
        scheduled({ coachHashId: 'ann', sessionId: idOf(nr), start: startOf(2 * nr) }),
      );
      await log.open().append(
        stream,
        'any',
        past.map((event) => stored(event)),
      );
      let truth = past.reduce<CoachState>(evolveCoach, initialCoach);

      const processes = [0, 1].map(() => {
        const store = log.open();
        const streamOf = coachStream;
        const parts = { snapshots, codec: coachSnapshots, store, streamOf, onFailed: () => {} };
        const states = createSnapshotKeeper({ ...parts, maxTail: 3, minInterval: 0, maxLoaded: 1 });
        return createAggregates({ kind: coachKind, store, newId: randomUUID, maxBytes: 1_000_000, states });
      });

      for (const [nr, { at, duration, what, which, process, loss }] of acts.entries()) {
        const { segments } = snapshots.kept.get(stream) ?? {};
        if (loss === 'all') snapshots.kept.delete(stream);
        else for (const one of loss ?? []) segments?.delete([...segments.keys()][one % segments.size] as string);

        const slot = { start: startOf(at), duration };
        const about = { coachHashId: 'ann', now: NOON, clientHashId: 'bob' };
        const ofSession = { ...about, sessionId: idOf(which), etag: undefined, reason: undefined };
        const command: CoachCommand = {
          book: { type: 'ScheduleSession' as const, ...about, sessionId: idOf(PAST + nr), ...slot },
          move: { type: 'RescheduleSession' as const, ...ofSession, ...slot },
          cancel: { type: 'CancelSession' as const, ...ofSession, cancelledBy: 'coach' as const },
          hold: { type: 'HoldSlot' as const, ...about, holdId: idOf(PAST + nr), ...slot, expiresAt: NOON + HOUR },
          confirm: { type: 'ConfirmHold' as const, ...about, holdId: idOf(which) },
        }[what];

        const expected = decideCoach(command, truth, zoneRules);
        const done = await (processes[process] as (typeof processes)[0]).transact('ann', ({ state }) => {
          const decision = decideCoach(command, state, zoneRules);
          const events = decision.kind === 'accepted' ? decision.events : [];
          const facts = events.map((event) => ({ event, metadata: METADATA }));
          return { decision, facts, state: events.reduce(evolveCoach, state), isFinal: false };
        });
        expect(done.kind === 'done' && done.decision.decision).toEqual(expected);
        if (expected.kind === 'accepted') truth = expected.events.reduce(evolveCoach, truth);
      }
    }),
    { numRuns: 60 },
  );
});
