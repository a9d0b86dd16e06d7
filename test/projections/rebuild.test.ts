import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loadCheckpoint, saveProgress } from '../../projections/checkpoint.js';
import { add, type Change, type Projection } from '../../projections/projection.js';
import { RebuildUnderWay, rebuildProjection } from '../../projections/rebuild.js';
import { sessionsTable } from '../../projections/sessions/sessions-table.js';
import { sessions } from '../../projections/sessions-projection.js';
import { columnName, type Table } from '../../projections/table.js';
import { coachStream } from '../../src/domain/coach/coach.js';
import { type EventStore, type Pace, START } from '../../src/event-store/event-store.js';
import { connectionSettings } from '../../src/postgres/pool.js';
import { createDeferred } from '../../src/waiting.js';
import { commands, happen } from './histories.js';
import {
  book,
  checkpoint,
  createJournal,
  journal,
  journalled,
  logged,
  NOON,
  recordingLog,
  run,
  scheduled,
  sessionRow,
  silent,
  stored,
  testWorld,
  type World,
} from './support.js';

function rebuild(
  projection: Projection,
  { store, url }: World,
  { log = silent, signal = new AbortController().signal } = {},
): Promise<void> {
  return rebuildProjection(projection, { store, url, log, signal });
}

async function sessionRows(pool: pg.Pool): Promise<unknown[]> {
  return (await pool.query('select * from read_model.sessions order by id')).rows;
}

async function caughtUp({ store, pool }: World, projection: string): Promise<void> {
  const head = await store.head();
  await expect.poll(() => checkpoint(pool, projection)).toBe(head);
}

test('gives the rows of the live run, whatever happened', async () => {
  const world = await testWorld();
  run(sessions, world);
  const rows = () =>
    Promise.all(
      sessions.tables.map(async (table) => {
        const { name, key } = table;
        const { rows } = await world.pool.query(
          `select * from read_model.${name} order by ${key.map((field) => columnName(table, field))}`,
        );
        return [name, rows];
      }),
    );

  await fc.assert(
    fc.asyncProperty(commands, async (asked) => {
      for (const { coachHashId, events } of happen(asked, `-${randomUUID()}`)) {
        const facts = events.map((event, nr) => stored(event, { requestId: `${coachHashId} ${nr}`, actor: 'desk' }));
        await world.store.append(coachStream(coachHashId), 'any', facts);
      }
      await caughtUp(world, 'sessions');
      const live = await rows();
      await rebuild(sessions, world);
      expect(await rows()).toEqual(live);
    }),
    { numRuns: 8 },
  );
});

test('repairs a wrong table', async () => {
  const world = await testWorld();
  run(sessions, world);
  await book(world.store, scheduled(), scheduled());
  await caughtUp(world, 'sessions');
  const right = await sessionRows(world.pool);
  await world.pool.query("update read_model.sessions set client_hash_id = 'nobody'");

  await rebuild(sessions, world);
  expect(await sessionRows(world.pool)).toEqual(right);
});

test('under live bookings and reads loses nothing, applies nothing twice, and no reader misses a row', async () => {
  const world = await testWorld();
  await createJournal(world.pool);
  run(journal, world);
  await world.store.append(
    'coach-ann',
    'any',
    Array.from({ length: 3_000 }, () => stored(scheduled())),
  );
  await caughtUp(world, 'journal');

  let busy = true;
  const writing = (async () => {
    while (busy) await book(world.store, scheduled({ coachHashId: 'eve' }));
  })();
  const reading = (async () => {
    let seen = 3_000;
    while (busy) {
      const { rows } = await world.pool.query({
        name: 'count',
        text: 'select count(*)::int as n from read_model.journal',
      });
      expect(rows[0].n).toBeGreaterThanOrEqual(seen);
      seen = rows[0].n;
    }
  })();
  for (let n = 0; n < 3; n += 1) await rebuild(journal, world);
  busy = false;
  await Promise.all([writing, reading]);

  await caughtUp(world, 'journal');
  expect(await journalled(world.pool)).toEqual(await logged(world.pool));
});

test('loses nothing that is booked while the tables are swapped', async () => {
  const world = await testWorld();
  await createJournal(world.pool);
  run(journal, world);
  await book(world.store, scheduled());
  await caughtUp(world, 'journal');

  const bookingMeanwhile: EventStore = {
    ...world.store,
    async *subscribe(...args) {
      const position = await book(world.store, scheduled());
      const applied = async () => (await checkpoint(world.pool, 'journal')) === position;
      // During the swap the live run must wait, and this too gives up.
      await vi.waitUntil(applied, { timeout: 200, interval: 10 }).catch(() => {});
      for await (const { events } of world.store.subscribe(...args)) {
        for (const event of events) yield { events: [event], position: event.position };
      }
    },
  };
  await rebuild(journal, { ...world, store: bookingMeanwhile });
  await caughtUp(world, 'journal');
  expect(await journalled(world.pool)).toEqual(await logged(world.pool));
});

test('beside a live run, the log is read in turns with the work on it, and ahead without one', async () => {
  const world = await testWorld();
  await createJournal(world.pool);
  const paces: (Pace | undefined)[] = [];
  const watched: EventStore = {
    ...world.store,
    subscribe(from, filter, signal, pace) {
      // From the start of the log: the bulk of the work.
      if (from === START) paces.push(pace);
      return world.store.subscribe(from, filter, signal, pace);
    },
  };
  await book(world.store, scheduled());
  await rebuild(journal, { ...world, store: watched });
  run(journal, world);
  await book(world.store, scheduled());
  await caughtUp(world, 'journal');
  await rebuild(journal, { ...world, store: watched });
  expect(paces).toEqual(['ahead', 'in turns']);
});

test('overtakes a live run that is behind, which then continues from there', async () => {
  const world = await testWorld();
  await createJournal(world.pool);
  await book(world.store, scheduled(), scheduled());
  await rebuild(journal, world);
  expect(await checkpoint(world.pool, 'journal')).toBe(2n);
  expect(await journalled(world.pool)).toEqual(await logged(world.pool));

  run(journal, world);
  await book(world.store, scheduled());
  await caughtUp(world, 'journal');
  expect(await journalled(world.pool)).toEqual(await logged(world.pool));
});

test('keeps owner, grants, comments, settings, constraints, index names and the views over the table', async () => {
  const world = await testWorld();
  const { pool } = world;
  const owner = `owner_${crypto.randomUUID().slice(0, 8)}`;
  await book(world.store, scheduled());
  await pool.query(`
    create role ${owner};
    alter default privileges in schema read_model grant delete on tables to public;
    alter table read_model.sessions owner to ${owner};
    alter table read_model.sessions set (fillfactor = 90);
    alter table read_model.sessions add constraint reasonable check (duration > 0);
    grant select on read_model.sessions to public;
    grant update (state) on read_model.sessions to pg_monitor with grant option;
    create view read_model.lengths with (security_barrier = true) as select id, duration from read_model.sessions;
    grant select on read_model.lengths to pg_monitor`);
  try {
    const before = await description(pool);
    await rebuild(sessions, world);
    await rebuild(sessions, world);
    expect(await description(pool)).toEqual(before);
    expect((await pool.query('select duration from read_model.lengths')).rows).toEqual([{ duration: 60 }]);
  } finally {
    await pool.query(`drop owned by ${owner} cascade; drop role ${owner}`);
  }
});

/** All that the catalogue says of the relations of the read model. */
async function description(pool: pg.Pool): Promise<unknown[]> {
  const { rows } = await pool.query(`
    select relname, relkind, relowner::regrole::text as owner, reloptions,
      obj_description(c.oid, 'pg_class') as comment,
      (
        select array_agg(item::text order by item::text)
        from unnest(coalesce(relacl, acldefault('r', relowner))) item
      ) as acl,
      case relkind when 'i' then pg_get_indexdef(c.oid) when 'v' then pg_get_viewdef(c.oid) end as definition,
      (
        select json_agg(json_build_array(
          attname, format_type(atttypid, atttypmod), attcollation::regcollation, attnotnull, attacl::text,
          col_description(c.oid, attnum)
        ) order by attnum)
        from pg_attribute where attrelid = c.oid and attnum > 0
      ) as columns,
      (
        select json_agg(json_build_array(conname, pg_get_constraintdef(oid)) order by conname)
        from pg_constraint where conrelid = c.oid and contype <> 'n'
      ) as constraints
    from pg_class c
    where relnamespace = 'read_model'::regnamespace
    order by relname`);
  return rows;
}

test('a second rebuild at the same time is refused', async () => {
  const world = await testWorld();
  await book(world.store, scheduled());
  const begun = createDeferred<void>();
  const mayGoOn = createDeferred<void>();
  const held: EventStore = {
    ...world.store,
    async head() {
      begun.resolve();
      await mayGoOn.promise;
      return world.store.head();
    },
  };
  const first = rebuild(sessions, { ...world, store: held });
  await begun.promise;

  await expect(rebuild(sessions, world)).rejects.toThrow(RebuildUnderWay);
  mayGoOn.resolve();
  await first;
});

test('a rebuild that is aborted changes nothing, and the next one starts from the beginning', async () => {
  const world = await testWorld();
  await book(world.store, scheduled(), scheduled());
  const { log, lines } = recordingLog();
  const analyst = await world.pool.connect();
  await analyst.query('begin; select from read_model.sessions');
  const givenUp = new AbortController();
  const rebuilding = rebuild(sessions, { ...world }, { log, signal: givenUp.signal });
  rebuilding.catch(() => {});
  // The rows are there, only the swap cannot be made.
  await expect.poll(() => lines.at(-1)?.msg).toMatch('long queries block');

  givenUp.abort(new Error('enough'));
  await expect(rebuilding).rejects.toThrow('enough');
  await analyst.query('rollback');
  analyst.release();
  expect(await sessionRows(world.pool)).toEqual([]);
  expect(await checkpoint(world.pool, 'sessions')).toBe(0n);
  expect((await world.pool.query('select from read_model.sessions_rebuild')).rowCount).toBe(2);

  await rebuild(sessions, world);
  expect(await sessionRows(world.pool)).toHaveLength(2);
});

test('a live run that writes during the swap waits for it, and does not hold it up', async () => {
  const world = await testWorld();
  const { log, lines } = recordingLog();
  const live = new pg.Client(connectionSettings(world.url, 'live', 3_000, 10_000));
  await live.connect();
  onTestFinished(() => live.end());
  const waiting = "select from pg_stat_activity where application_name = 'live' and wait_event_type = 'Lock'";
  let { position } = await loadCheckpoint(live, sessions);

  /** The live run comes to an event that the rebuild has not seen yet. */
  async function goOn(): Promise<void> {
    const from = position;
    position = await book(world.store, scheduled());
    expect(await saveProgress(live, sessions, from, position, new Map())).toBe(true);
  }

  let written: Promise<boolean> | undefined;
  let subscriptions = 0;
  const meanwhile: EventStore = {
    ...world.store,
    async *subscribe(...args) {
      subscriptions += 1;
      const nr = subscriptions;
      if (nr === 2) await goOn();
      if (nr === 3) {
        // Within the swap: the checkpoint does not move any more.
        const changes = new Map<Table, Change[]>([
          [sessionsTable, [add(sessionsTable, { ...sessionRow(), reservationId: undefined, reminders: undefined })]],
        ]);
        written = saveProgress(live, sessions, position, position + 1n, changes);
        await expect.poll(async () => (await world.pool.query(waiting)).rowCount).toBe(1);
      }
      try {
        yield* world.store.subscribe(...args);
      } finally {
        if (nr === 1) await goOn();
      }
    },
  };
  await goOn();
  await rebuild(sessions, { ...world, store: meanwhile }, { log });
  expect(await written).toBe(true);
  expect(lines.map(({ msg }) => msg)).toEqual(['the rebuild has begun', 'the rebuilt tables are in place']);
});

test('an event that cannot be read fails it, and the old table stays', async () => {
  const world = await testWorld();
  await book(world.store, scheduled({ start: NOON }));
  await rebuild(sessions, world);
  await world.store.append('coach-ann', 'any', [{ ...stored(scheduled()), type: 'new' }]);
  await expect(rebuild(sessions, world)).rejects.toThrow('cannot read event');
  expect(await sessionRows(world.pool)).toHaveLength(1);
});

test('a query that takes long delays the swap, and no other reader', async () => {
  const world = await testWorld();
  const { log, lines } = recordingLog();
  await book(world.store, scheduled());
  const analyst = await world.pool.connect();
  await analyst.query('begin; select * from read_model.sessions');

  const rebuilding = rebuild(sessions, world, { log });
  await expect.poll(() => lines.at(-1)?.msg).toMatch('long queries block');
  expect(await sessionRows(world.pool)).toEqual([]);
  await analyst.query('commit');
  analyst.release();
  await rebuilding;
  expect(await sessionRows(world.pool)).toHaveLength(1);
});
