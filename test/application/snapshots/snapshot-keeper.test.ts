import { randomUUID } from 'node:crypto';
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
import { RecentRequests } from '../../../src/application/streams/recent-requests.js';
import { coachStream, initialCoach } from '../../../src/domain/coach/coach.js';
import { itemsOf } from '../../../src/domain/sorted-list.js';
import type { EventStore } from '../../../src/event-store/event-store.js';
import { NOON, openWorld, run, scheduled, stored, type World } from '../../projections/support.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const HOUR = 3_600_000;

/** The revisions of the events that were read, of all streams. */
let read: number[];
let failures: unknown[];
beforeEach(async () => {
  read = [];
  failures = [];
  await world.pool.query('delete from read_model.snapshots');
});

/** The coaches of a process of its own. */
function coachesOver(snapshots = createSnapshots(world.pool)) {
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
    rest: 0,
  });
  return createAggregates({ kind: coachKind, store: counting, newId: randomUUID, maxBytes: 1_000_000, states: keeper });
}

/** The coach as the aggregates have it: with every event of its stream. */
async function look(coachHashId: string, coaches: ReturnType<typeof coachesOver> = coachesOver()) {
  const done = await coaches.transact(coachHashId, ({ state }) => ({ facts: [], state, isFinal: false }));
  if (done.kind !== 'done') throw new Error('nothing was appended that could conflict');
  return done.aggregate;
}

/** Books more hours of a coach, one after the other. */
async function book(coachHashId: string, sessions: number): Promise<void> {
  const stream = coachStream(coachHashId);
  let nr = 0;
  for await (const page of world.store.read(stream)) nr += page.length;
  const events = Array.from({ length: sessions }, (_, index) =>
    stored(scheduled({ coachHashId, start: NOON + (nr + index) * HOUR }), { requestId: `request-${nr + index}` }),
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
  const sessionsOf = ({ state }: typeof aggregate) => [...itemsOf(state.sessions)];
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

test('snapshots that are due together are all made, one at a time', async () => {
  const coaches = Array.from({ length: 5 }, () => randomUUID());
  await Promise.all(coaches.map((coach) => book(coach, 6)));
  const snapshots = createSnapshots(world.pool);
  let underWay = 0;
  const atOnce: number[] = [];
  const watched: Snapshots = {
    ...snapshots,
    async save(stream, snapshot) {
      underWay += 1;
      atOnce.push(underWay);
      await snapshots.save(stream, snapshot);
      underWay -= 1;
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
    ['is damaged', 'snapshot_parts set bytes = set_byte(bytes, 20, get_byte(bytes, 20) # 255)'],
    ['is cut off', 'snapshot_parts set bytes = substr(bytes, 1, 100)'],
    ['is empty', "snapshot_parts set bytes = ''"],
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
    async save(_, { revision }) {
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

test('the longer a snapshot is, the more events it must save reading', async () => {
  const saved: bigint[] = [];
  const snapshots: Snapshots = {
    load: async () => undefined,
    save: async (_, { revision }) => void saved.push(revision),
  };
  const store = {
    async *read(stream: string, revision: bigint) {
      yield [{ stream, revision, id: randomUUID(), position: revision + 1n }];
    },
  } as unknown as EventStore;
  const codec = { ...coachSnapshots, encode: async () => Buffer.alloc(0) };
  const onFailed = (error: unknown) => expect.fail(`${error}`);
  const keeper = createSnapshotKeeper({
    snapshots,
    codec,
    store,
    streamOf: coachStream,
    onFailed,
    maxTail: 4,
    rest: 0,
  });
  const aggregate = { id: 'ann', state: initialCoach, revision: 0n, recentRequests: new RecentRequests() };

  for (const revision of [1_000n, 1_020n, 1_021n, 1_041n, 1_042n]) {
    aggregate.revision = revision;
    keeper.consider(aggregate);
    await new Promise(setImmediate);
  }
  // A fiftieth of its events.
  expect(saved).toEqual([1_000n, 1_021n, 1_042n]);
});
