import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createHistoryQueries } from '../../projections/history/history-queries.js';
import { migrateReadModel } from '../../projections/migrate-read-model.js';
import { createSeriesQueries } from '../../projections/series/series-queries.js';
import { createSessionQueries } from '../../projections/sessions/session-queries.js';
import { sessions } from '../../projections/sessions-projection.js';
import { ReadModelUnavailable } from '../../src/application/read-model.js';
import type { SessionScheduled } from '../../src/domain/coach/events.js';
import { type EventStore, START } from '../../src/event-store/event-store.js';
import { migrate } from '../../src/postgres/migrate.js';
import { createDeferred, within } from '../../src/waiting.js';
import { seriesScheduled } from '../support/coach-samples.js';
import { recordingLog, run, scheduled, stored, testWorld, type World } from './support.js';

const OLD_MIGRATIONS = ['0001_checkpoints.sql', '0002_sessions.sql', '0003_requests.sql', '0004_rebuild.sql'];

/** A world whose read model is that of version 1, which knew nothing but bookings. */
async function oldWorld(): Promise<World> {
  const world = await testWorld();
  await world.pool.query('drop schema read_model cascade');
  const folder = await mkdtemp(join(tmpdir(), 'old-migrations-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const file of OLD_MIGRATIONS) {
    await cp(new URL(`../../projections/migrations/${file}`, import.meta.url), join(folder, file));
  }
  await migrate(world.url, 'read_model', pathToFileURL(`${folder}/`));
  return world;
}

/** Appends a booking, asked for by the front desk. */
async function book({ store }: World, booking: SessionScheduled): Promise<bigint> {
  const event = stored(booking, { requestId: `for ${booking.sessionId}`, actor: 'desk' });
  const appended = await store.append('coach-ann', 'any', [event]);
  if (appended.outcome !== 'appended') throw new Error('not appended');
  return appended.position;
}

/** Appends a booking and writes it into the read model as version 1 did. */
async function bookInOldVersion(world: World, booking: SessionScheduled): Promise<void> {
  const { sessionId, coachHashId, clientHashId, start, duration, scheduledAt } = booking;
  const position = await book(world, booking);
  await world.pool.query(
    `insert into read_model.sessions
       (id, coach_hash_id, client_hash_id, start, duration, state, revision, created_at, updated_at)
     values ($1, $2, $3, $4, $5, 'scheduled', $6, $7, $7)`,
    [sessionId, coachHashId, clientHashId, new Date(start), duration, position - 1n, new Date(scheduledAt)],
  );
  await world.pool.query(
    `insert into read_model.checkpoints (projection, position) values ('sessions', $1)
     on conflict (projection) do update set position = excluded.position`,
    [position],
  );
}

/** A store that delivers nothing from the start of the log, where a rebuild begins, until `goOn` is called. */
function withHeldRebuild(store: EventStore): { store: EventStore; goOn(): void } {
  const mayGoOn = createDeferred<void>();
  return {
    goOn: () => mayGoOn.resolve(),
    store: {
      ...store,
      async *subscribe(from, streams, signal) {
        if (from === START) await within(mayGoOn.promise, { signal }).catch(() => {});
        yield* store.subscribe(from, streams, signal);
      },
    },
  };
}

/** Which changes the sessions had, and who asked for them. */
async function askers({ pool }: World, ...booked: SessionScheduled[]): Promise<unknown[]> {
  const { changes } = createHistoryQueries(pool, sessions.name);
  const histories = await Promise.all(booked.map(({ sessionId }) => changes(sessionId, undefined, 10)));
  return histories.flat().map(({ type, actor, requestId }) => [type, actor, requestId]);
}

function byTheDesk(...booked: SessionScheduled[]): unknown[] {
  return booked.map(({ sessionId }) => ['SessionScheduled', 'desk', `for ${sessionId}`]);
}

test('tables of an older version serve while they are rebuilt, and then the history is complete', async () => {
  const world = await oldWorld();
  const before = [scheduled(), scheduled()];
  for (const booking of before) await bookInOldVersion(world, booking);
  await migrateReadModel(world.url);
  const { store, goOn } = withHeldRebuild(world.store);
  run(sessions, { ...world, store });

  const meanwhile = scheduled();
  await book(world, meanwhile);
  const { get } = createSessionQueries(world.pool);
  for (const { sessionId } of [...before, meanwhile]) {
    await expect
      .poll(() => get(sessionId))
      .toMatchObject({ state: 'scheduled', seriesId: undefined, occurrence: undefined });
  }
  await expect(askers(world, ...before)).rejects.toThrow(ReadModelUnavailable);

  goOn();
  await expect.poll(() => askers(world, ...before, meanwhile).catch(() => [])).toEqual(byTheDesk(...before, meanwhile));
  const after = scheduled();
  await book(world, after);
  await expect.poll(() => askers(world, after).catch(() => [])).toEqual(byTheDesk(after));
});

test('the gap that an older version leaves by writing once more is closed', async () => {
  const world = await testWorld();
  const first = run(sessions, world);
  const early = scheduled();
  await book(world, early);
  await expect.poll(() => askers(world, early)).toEqual(byTheDesk(early));
  await first.stop();

  const late = scheduled();
  await bookInOldVersion(world, late);
  await expect(askers(world, early)).rejects.toThrow(ReadModelUnavailable);
  run(sessions, world);
  await expect.poll(() => askers(world, early, late).catch(() => [])).toEqual(byTheDesk(early, late));
});

test('what version 2 wrote has its history meanwhile, and then what was skipped of series', async () => {
  const world = await testWorld();
  const first = run(sessions, world);
  const early = scheduled();
  await book(world, early);
  const series = { ...seriesScheduled([]), seriesId: early.sessionId };
  await world.store.append('coach-ann', 'any', [stored(series)]);
  const { booked } = createSeriesQueries(world.pool);
  await expect.poll(() => booked(series.seriesId)).toMatchObject({ skipped: [] });
  await first.stop();
  await world.pool.query('update read_model.series set skipped = null; update read_model.checkpoints set version = 2');

  const { store, goOn } = withHeldRebuild(world.store);
  run(sessions, { ...world, store });
  const late = scheduled();
  await book(world, late);
  await expect.poll(() => askers(world, early, late)).toEqual(byTheDesk(early, late));
  await expect(booked(series.seriesId)).rejects.toThrow(ReadModelUnavailable);

  goOn();
  await expect.poll(() => booked(series.seriesId).catch(() => {})).toMatchObject({ skipped: [] });
  expect(await askers(world, early, late)).toEqual(byTheDesk(early, late));
});

test('what version 3 wrote gets its subjects', async () => {
  const world = await testWorld();
  const booking = scheduled();
  const asked = { requestId: 'try-1', subject: 'joe', requestFingerprint: 'f', actor: 'desk' };
  await world.store.append('coach-ann', 'any', [stored(booking, asked)]);
  // It knows the request by its id alone, and writes the table by the key that it knows.
  await world.pool.query(`
    insert into read_model.requests (request_id, coach_hash_id, fingerprint, revision) values ('try-1', 'ann', 'f', 0)
    on conflict (request_id, coach_hash_id) do nothing;
    insert into read_model.checkpoints (projection, position, version, version_position) values ('sessions', 1, 3, 1)`);

  run(sessions, world);
  const { changes } = createHistoryQueries(world.pool, sessions.name);
  const subjects = async () => (await changes(booking.sessionId, undefined, 10)).map(({ subject }) => subject);
  await expect.poll(subjects).toEqual(['joe']);
  const { rows } = await world.pool.query('select request_id from read_model.requests');
  expect(rows).toEqual([{ request_id: 'try-1 joe' }]);
});

test('tables of this version are not rebuilt', async () => {
  const world = await testWorld();
  const { log, lines } = recordingLog();
  for (let time = 0; time < 2; time += 1) {
    const booking = scheduled();
    await book(world, booking);
    const { stop } = run(sessions, world, { log });
    await expect.poll(() => askers(world, booking)).toEqual(byTheDesk(booking));
    await stop();
  }
  expect(lines.map(({ msg }) => msg)).toEqual(['the projection is running', 'the projection is running']);
});

test('a stop ends the rebuild promptly', async () => {
  const world = await oldWorld();
  await bookInOldVersion(world, scheduled());
  await migrateReadModel(world.url);
  const { log, lines } = recordingLog();
  const { stop } = run(sessions, { ...world, store: withHeldRebuild(world.store).store }, { log });
  await expect.poll(() => lines.map(({ msg }) => msg)).toContain('the rebuild has begun');
  const started = performance.now();
  await stop();
  expect(performance.now() - started).toBeLessThan(10_000);
});
