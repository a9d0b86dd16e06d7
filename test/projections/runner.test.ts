import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Projection } from '../../projections/projection.js';
import type { Position } from '../../src/event-store/event-store.js';
import { openExclusiveConnection } from '../../src/postgres/exclusive-connection.js';
import {
  book,
  checkpoint,
  createJournal,
  journal,
  journalled,
  logged,
  recordingLog,
  run,
  scheduled,
  stored,
  terminate,
  testWorld,
  type World,
} from './support.js';

/** How long a busy machine may take for something quick, in milliseconds. */
const SOON = { timeout: 20_000 };

function messages(lines: readonly { msg: string }[]): string[] {
  return lines.map(({ msg }) => msg);
}

/** Waits until a statement of the projection sleeps. */
async function sleeping({ pool }: World): Promise<void> {
  const query = `
    select from pg_stat_activity
    where datname = current_database() and application_name = 'projection journal' and wait_event = 'PgSleep'`;
  await expect.poll(async () => (await pool.query(query)).rowCount).toBe(1);
}

/** Makes the projection sleep when it has written rows, until they may be written as usual. */
async function sleepAfterRows({ pool }: World): Promise<{ release(): Promise<void> }> {
  await pool.query(`
    create table pace (seconds integer);
    insert into pace values (60);
    create function pause() returns trigger language plpgsql as
      $$ begin perform pg_sleep(seconds) from pace; return null; end $$;
    create trigger pause after insert on read_model.journal execute function pause()`);
  return {
    async release() {
      await pool.query('update pace set seconds = 0');
    },
  };
}

async function journalWorld(): Promise<World> {
  const world = await testWorld();
  await createJournal(world.pool);
  return world;
}

/** Waits until the journal has the whole log, each event once and in order. */
async function caughtUp({ pool }: World): Promise<void> {
  await expect.poll(() => journalled(pool)).toEqual(await logged(pool));
}

/** Books for as long as the test wants. */
function keepBooking({ store }: World): { stop(): Promise<void> } {
  let booking = true;
  const ended = (async () => {
    for (let n = 0; booking; n += 1) await book(store, scheduled({ coachHashId: `coach-${n % 7}` }));
  })();
  return {
    stop: () => {
      booking = false;
      return ended;
    },
  };
}

test('applies what is in the log, then what comes', async () => {
  const world = await journalWorld();
  await book(world.store, scheduled(), scheduled());
  run(journal, world);
  await caughtUp(world);
  await book(world.store, scheduled());
  await caughtUp(world);
});

test('continues where it stopped', async () => {
  const world = await journalWorld();
  await book(world.store, scheduled());
  const first = run(journal, world);
  await caughtUp(world);
  await first.stop();

  await book(world.store, scheduled());
  run(journal, world);
  await caughtUp(world);
});

test('reports its progress once the rows are written', async () => {
  const world = await journalWorld();
  const head = await book(world.store, scheduled(), scheduled());
  const rowsAt = new Promise<Promise<string[]>>((resolve) => {
    run(journal, world, { onPosition: (position) => position === head && resolve(journalled(world.pool)) });
  });
  expect(await await rowsAt).toHaveLength(2);
});

test('applies a long log in several transactions', async () => {
  const world = await journalWorld();
  const events = Array.from({ length: 3_500 }, () => stored(scheduled()));
  await world.store.append('coach-ann', 'any', events);
  const positions: Position[] = [];
  run(journal, world, { onPosition: (position) => positions.push(position) });
  await caughtUp(world);
  expect(positions.length).toBeGreaterThan(2);
});

test('of two runners one writes, the other takes over when the connection of the first is lost', async () => {
  const world = await journalWorld();
  const other = recordingLog();
  const { url, shutOut } = await revocableUrl(world);
  run(journal, { ...world, url });
  await book(world.store, scheduled());
  await caughtUp(world);
  run(journal, world, { log: other.log });
  await expect.poll(() => messages(other.lines)).toEqual(['another process runs the projection; this one waits']);

  const bookings = keepBooking(world);
  await shutOut();
  await expect.poll(() => messages(other.lines)).toContain('the projection is running');
  await bookings.stop();
  await caughtUp(world);
});

test('a process that cannot read an event leaves it to one that can', async () => {
  const world = await journalWorld();
  const older: Projection = {
    ...journal,
    changesOf(event) {
      if (event.type === 'new') throw new Error('unknown type');
      return journal.changesOf(event);
    },
  };
  run(older, world);
  await book(world.store, scheduled());
  await caughtUp(world);
  run(journal, world);
  await world.store.append('coach-ann', 'any', [{ ...stored(scheduled()), type: 'new' }]);
  await book(world.store, scheduled());
  await caughtUp(world);
});

test.each(['', 'begin; lock table read_model.journal; select from read_model.checkpoints for update'])(
  'takes over from a process that has stopped: %j',
  async (leftOpen) => {
    const world = await journalWorld();
    const { signal } = new AbortController();
    const stopped = await openExclusiveConnection(world.url, 'projection journal', 10_000, signal);
    onTestFinished(stopped.close);
    await stopped.tryLock('journal');
    await stopped.client.query(leftOpen);

    const { log, lines } = recordingLog();
    run(journal, world, { log });
    await book(world.store, scheduled());
    await caughtUp(world);
    expect(messages(lines)).toEqual([
      'another process runs the projection; this one waits',
      'the process that ran the projection has stopped; taking over',
      'the projection is running',
    ]);
    // The process goes on, and finds that it can write nothing.
    await expect(stopped.client.query('commit')).rejects.toThrow();
  },
);

test('shows that it has not stopped while there is nothing to do, so that nobody takes over', async () => {
  const world = await journalWorld();
  const [first, second] = [recordingLog(), recordingLog()];
  run(journal, world, { log: first.log });
  await book(world.store, scheduled());
  await caughtUp(world);
  run(journal, world, { log: second.log });
  const beats = new Set<number>();
  const beat = "select query_start from pg_stat_activity where datname = current_database() and query = 'select'";
  const seen = async () => {
    for (const { query_start } of (await world.pool.query(beat)).rows) beats.add(query_start.getTime());
    return beats.size;
  };
  await expect.poll(seen).toBeGreaterThan(4);
  expect([messages(first.lines), messages(second.lines)]).toEqual([
    ['the projection is running'],
    ['another process runs the projection; this one waits'],
  ]);
});

test('whichever of two runners loses its connection, at any time, every event is applied once', async () => {
  const world = await journalWorld();
  run(journal, world);
  run(journal, world);
  const bookings = keepBooking(world);
  for (let kill = 0; kill < 4; kill += 1) {
    const before = (await checkpoint(world.pool, 'journal')) ?? 0n;
    await terminateWriter(world);
    await expect.poll(() => checkpoint(world.pool, 'journal')).toBeGreaterThan(before);
  }
  await bookings.stop();
  await caughtUp(world);
});

/** A URL of the database that can be made useless: its connections are lost and cannot be opened again. */
async function revocableUrl({ url, pool }: World): Promise<{ url: string; shutOut(): Promise<void> }> {
  const role = `runner_${randomUUID().slice(0, 8)}`;
  await pool.query(`create role ${role} login superuser password '${role}'`);
  onTestFinished(async () => {
    await pool.query(`drop role ${role}`);
  });
  const revocable = new URL(url);
  revocable.username = role;
  revocable.password = role;
  return {
    url: revocable.href,
    async shutOut() {
      await pool.query(`alter role ${role} nologin`);
      await pool.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role]);
    },
  };
}

/** Ends the connection that holds the lock of the projection. */
async function terminateWriter({ pool }: World): Promise<number> {
  return vi.waitUntil(async () => {
    const { rows } = await pool.query(`
      select pg_terminate_backend(pid) from pg_locks
      where locktype = 'advisory' and granted
        and pid in (select pid from pg_stat_activity where application_name = 'projection journal')
        and database = (select oid from pg_database where datname = current_database())`);
    return rows.length;
  }, SOON);
}

test('a runner that is stopped leaves the projection to another at once', async () => {
  const world = await journalWorld();
  const first = run(journal, world);
  await book(world.store, scheduled());
  await caughtUp(world);
  run(journal, world);
  await first.stop();
  await book(world.store, scheduled());
  await caughtUp(world);
});

test('resumes after all connections were lost, and says so once per outage', async () => {
  const world = await journalWorld();
  const { log, lines } = recordingLog();
  run(journal, world, { log });
  await book(world.store, scheduled());
  await caughtUp(world);

  const bookings = keepBooking(world);
  await terminate(world.pool, '%');
  await bookings.stop();
  await caughtUp(world);
  expect(messages(lines)).toEqual([
    'the projection is running',
    'the projection stopped and will be tried again',
    'the projection is running',
  ]);
});

test('starts as soon as the schema is there', async () => {
  const world = await journalWorld();
  const { log, lines } = recordingLog();
  await world.pool.query('alter table read_model.checkpoints rename to away');
  run(journal, world, { log });
  await expect.poll(() => lines.length).toBe(1);
  await world.pool.query('alter table read_model.away rename to checkpoints');
  await book(world.store, scheduled());
  await caughtUp(world);
});

test('a connection lost between the rows and the commit leaves neither rows nor checkpoint', async () => {
  const world = await journalWorld();
  const { release } = await sleepAfterRows(world);
  await book(world.store, scheduled());
  run(journal, world);
  await sleeping(world);

  expect(await terminate(world.pool, 'projection journal')).toBe(1);
  expect(await journalled(world.pool)).toEqual([]);
  expect(await checkpoint(world.pool, 'journal')).toBe(0n);

  await release();
  await terminate(world.pool, 'projection journal');
  await caughtUp(world);
});

test('rows that cannot be written leave the checkpoint where it was, and are tried again', async () => {
  const world = await journalWorld();
  const { log, lines } = recordingLog();
  await world.pool.query('alter table read_model.journal add constraint nothing check (event is null)');
  await book(world.store, scheduled());
  run(journal, world, { log });
  await expect.poll(() => lines.at(-1)?.err?.message).toMatch('violates check constraint');
  expect(await checkpoint(world.pool, 'journal')).toBe(0n);

  await world.pool.query('alter table read_model.journal drop constraint nothing');
  await caughtUp(world);
});

test('an event that cannot be read stops the projection before it, is logged once and never skipped', async () => {
  const world = await journalWorld();
  const { log, lines } = recordingLog();
  let attempts = 0;
  const old: Projection = {
    ...journal,
    changesOf(event) {
      if (event.type === 'new') attempts += 1;
      if (event.type === 'new') throw new Error('what is this?');
      return journal.changesOf(event);
    },
  };
  const before = await book(world.store, scheduled(), scheduled());
  await world.store.append('coach-ann', 'any', [{ ...stored(scheduled()), type: 'new' }]);
  await book(world.store, scheduled());

  run(old, world, { log });
  await expect.poll(() => attempts).toBeGreaterThan(2);
  expect(await checkpoint(world.pool, 'journal')).toBe(before);
  expect(lines.map(({ level, msg, err }) => [level, msg, err?.message])).toEqual([
    [30, 'the projection is running', undefined],
    [
      50,
      'the projection stopped and will be tried again',
      expect.stringMatching(/event .* \(new\) at position 3 .*coach-ann/),
    ],
  ]);

  run(journal, world);
  await caughtUp(world);
});

test('while no event concerns it, reports its position at once and moves the checkpoint once a second', async () => {
  const world = await journalWorld();
  await world.pool.query(`
    create table moves (position bigint);
    create function note() returns trigger language plpgsql as
      $$ begin insert into moves values (new.position); return null; end $$;
    create trigger note after update on read_model.checkpoints for each row execute function note()`);
  let position: Position | undefined;
  const began = performance.now();
  run(journal, world, { onPosition: (reached) => (position = reached) });

  for (let n = 0; n < 20; n += 1) {
    await world.store.append('other', 'any', [{ ...stored(scheduled()), id: randomUUID() }]);
    await expect.poll(() => position, { interval: 1 }).toBe(await world.store.head());
  }
  await expect.poll(() => checkpoint(world.pool, 'journal')).toBe(await world.store.head());
  const { rowCount } = await world.pool.query('select from moves');
  // At the start, and at the end of each second.
  expect(rowCount).toBeLessThanOrEqual(2 + (performance.now() - began) / 1_000);
});

test('a stop ends it promptly, whatever it is doing', async () => {
  const world = await journalWorld();
  await sleepAfterRows(world);
  await book(world.store, scheduled());
  const { stop } = run(journal, world);
  await sleeping(world);
  const started = performance.now();
  await stop();
  // A statement has 10 s.
  expect(performance.now() - started).toBeLessThan(9_000);
});

test('a stop while Postgres is unavailable ends it promptly', async () => {
  const world = await journalWorld();
  const { log, lines } = recordingLog();
  const { stop } = run(journal, { store: world.store, url: 'postgres://127.0.0.1:1/nowhere' }, { log });
  await expect.poll(() => lines.map(({ level }) => level)).toEqual([40]);
  await stop();
});

test('a projection that was made from another log is not continued, and the service logs it', async () => {
  const world = await journalWorld();
  const { lines, log } = recordingLog();
  const ahead = (await book(world.store, scheduled())) + 100n;
  await world.pool.query("insert into read_model.checkpoints values ('journal', $1)", [ahead]);
  run(journal, world, { log });

  await expect.poll(() => lines.map(({ err }) => err?.type)).toContain('OtherLog');
  expect(await checkpoint(world.pool, 'journal')).toBe(ahead);
});
