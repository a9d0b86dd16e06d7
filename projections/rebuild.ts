import pg from 'pg';
import type { Logger } from 'pino';
import { Correctable } from '../src/correctable.js';
import { type EventStore, type Pace, type Position, START } from '../src/event-store/event-store.js';
import { openExclusiveConnection } from '../src/postgres/exclusive-connection.js';
import { linkedSignal, pause, pauseQuietly } from '../src/waiting.js';
import { loadCheckpoint, lockCheckpoint, replaceCheckpoint } from './checkpoint.js';
import { type CopyBuffer, createCopyBuffer } from './copy-rows.js';
import { changesOf, openFeed } from './feed.js';
import { liveTable, type Projection, rebuiltTable } from './projection.js';
import { inLockOrder, isUniqueViolation, putChanges, removeOthers } from './statements.js';
import type { Table } from './table.js';

/** What a rebuild needs. */
export interface RebuildParts {
  readonly store: EventStore;
  /** The database of the read model. */
  readonly url: string;
  readonly log: Logger;
  /** Gives the rebuild up; the tables stay as they were. */
  readonly signal: AbortSignal;
}

/** About how many bytes of rows are copied at once, at each pace. */
const COPY_BYTES: Record<Pace, number> = { ahead: 4_000_000, 'in turns': 500_000 };

/** About how many changes are written at once by statements. */
const MAX_CHANGES = 5_000;

/** Milliseconds that one statement may take, such as one that creates an index. */
const QUERY_TIMEOUT = 3_600_000;

/** Milliseconds for which one attempt to swap the tables may block new readers. */
const LOCK_TIMEOUT = 300;

/** Milliseconds for which one attempt to swap the tables may block the live run. */
const SWAP_TIMEOUT = 5_000;

/** Milliseconds between two attempts to swap the tables. */
const SWAP_PAUSE = 1_000;

/** Milliseconds between two attempts to rebuild, each from the start of the log. */
const REBUILD_PAUSE = 10_000;

/**
 * Milliseconds without a statement after which another rebuild is taken for frozen. It may wait for the event store: a
 * longer outage ends it when another process wants one.
 */
const STOPPED_AFTER = 30_000;

const LOCK_NOT_AVAILABLE = '55P03';

/** Another rebuild of the projection is under way. */
export class RebuildUnderWay extends Correctable {
  override readonly name = 'RebuildUnderWay';
}

/**
 * Rebuilds a projection whose tables another version has written. Tries until it succeeds or the signal aborts; never
 * rejects.
 */
export async function renewProjection(projection: Projection, parts: RebuildParts): Promise<void> {
  const { signal } = parts;
  const log = parts.log.child({ projection: projection.name });
  log.info('another version wrote the tables of the projection, rebuilding them');
  while (!signal.aborted) {
    try {
      await rebuildProjection(projection, parts);
      return;
    } catch (err) {
      if (!signal.aborted) log.warn({ err }, 'the rebuild failed and will be tried again');
      await pauseQuietly(REBUILD_PAUSE, signal);
    }
  }
}

/**
 * Makes the tables of a projection again from the whole log, beside the old ones, and then swaps them. The old tables
 * serve until then. The live run, in this process or another, goes on meanwhile; only the swap blocks it. Beside a live
 * run, the rebuild keeps one processor busy at a time, this process or Postgres, and takes three quarters longer: else
 * the callers of the service wait several times as long as usual. Grants, comments, index names and views over the
 * tables stay; see finish_rebuild in migrations/0004_rebuild.sql.
 *
 * Throws `RebuildUnderWay`, the signal's reason, what Postgres throws, or `UnreadableEvent`: then nothing has changed,
 * and a rebuild must start again from the beginning. A reader whose transaction has a snapshot from before the rebuild
 * sees the new rows nevertheless, except the last ones.
 */
export async function rebuildProjection(projection: Projection, parts: RebuildParts): Promise<void> {
  const { name } = projection;
  const { store, url, signal } = parts;
  const log = parts.log.child({ projection: name });
  const { client, lost, tryLock, isTaken, endFrozen, close } = await openExclusiveConnection(
    url,
    `rebuild ${name}`,
    QUERY_TIMEOUT,
    signal,
  );
  try {
    const lock = `rebuild ${name}`;
    if (!(await tryLock(lock))) {
      // Its lock is free for the next attempt.
      await endFrozen(lock, STOPPED_AFTER);
      throw new RebuildUnderWay(`The projection ${name} is being rebuilt already. Wait for the end of that rebuild.`);
    }
    await rebuild();
  } catch (error) {
    signal.throwIfAborted();
    lost.throwIfAborted();
    throw error;
  } finally {
    await close();
  }

  async function rebuild(): Promise<void> {
    log.info('the rebuild has begun');
    // Limits that the role or the database may have; older versions have but one of them.
    await client.query(
      `select set_config(name, '0', false) from pg_settings
       where name in ('transaction_timeout', 'idle_in_transaction_session_timeout')`,
    );
    await eachTable('begin_rebuild');
    const pace: Pace = (await isTaken(name)) ? 'in turns' : 'ahead';
    if (pace === 'in turns') await client.query('set max_parallel_maintenance_workers = 0');
    let position = await copyUpTo(await store.head(), pace);
    for (const table of projection.tables) await index(table);

    for (let attempt = 1; ; attempt += 1) {
      const checkpoint = await loadCheckpoint(client, projection);
      position = await load(position, checkpoint.position, lost);
      if (await swap(position)) break;
      if (attempt === 1) log.warn('long queries block the swap of the rebuilt tables; it will be tried again');
      await pause(SWAP_PAUSE, lost);
    }
    log.info('the rebuilt tables are in place');
  }

  async function eachTable(step: 'begin_rebuild' | 'finish_rebuild'): Promise<void> {
    for (const table of projection.tables) await client.query(`select read_model.${step}($1)`, [table.name]);
  }

  /**
   * Adds the row of every change to tables that have no primary key yet, from the start of the log, at least up to the
   * target. Returns the position that it reached. One transaction, as COPY needs it here: while it lasts, Postgres
   * cannot remove what updates leave in the other tables.
   */
  async function copyUpTo(target: Position, pace: Pace): Promise<Position> {
    if (target === START) return START;
    await client.query('begin');
    await client.query(`truncate ${projection.tables.map(({ name: table }) => rebuiltTable(table))}`);
    let buffers = new Map<Table, CopyBuffer>();
    let size = 0;
    let copying = Promise.resolve();
    for await (const { events, position } of store.subscribe(START, projection.streams, lost, pace)) {
      for (const event of events) {
        for (const { table, source } of changesOf(projection, event)) {
          const buffer = buffers.get(table) ?? createCopyBuffer(table);
          buffers.set(table, buffer);
          const before = buffer.size;
          buffer.add(source);
          size += buffer.size - before;
        }
      }
      if (size >= COPY_BYTES[pace] || position >= target) {
        await copying;
        copying = copy(buffers);
        if (pace === 'in turns') await copying;
        // It is awaited before the next one, if not here.
        copying.catch(() => {});
        buffers = new Map();
        size = 0;
      }
      if (position < target) continue;
      await copying;
      await client.query('commit');
      return position;
    }
    throw lost.reason;
  }

  async function copy(buffers: ReadonlyMap<Table, CopyBuffer>): Promise<void> {
    for (const [table, buffer] of buffers) await buffer.copyTo(client, rebuiltTable(table.name));
  }

  async function index(table: Table): Promise<void> {
    try {
      await client.query('select read_model.index_rebuild($1)', [table.name]);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      // Later events replaced rows. Looking for such rows first costs more where there are none.
      await client.query(removeOthers(table, rebuiltTable(table.name)));
      await client.query('select read_model.index_rebuild($1)', [table.name]);
    }
  }

  /** Makes the changes after a position, at least up to the target. Returns the position that it reached. */
  async function load(from: Position, target: Position, until: AbortSignal): Promise<Position> {
    const reading = linkedSignal(until);
    const feed = openFeed(store, projection, from, MAX_CHANGES, reading.signal);
    try {
      let position = from;
      while (position < target) {
        const arrival = await feed.next();
        if (!arrival) continue;
        await client.query(putChanges(arrival.changes, rebuiltTable, 'put'));
        position = arrival.position;
      }
      return position;
    } finally {
      reading.end();
    }
  }

  /** Returns false, and has changed nothing, when queries on the old tables block the swap for too long. */
  async function swap(loaded: Position): Promise<boolean> {
    const until = AbortSignal.any([lost, AbortSignal.timeout(SWAP_TIMEOUT)]);
    try {
      await client.query('begin');
      await client.query(`set local lock_timeout = ${LOCK_TIMEOUT}`);
      // A process that stops here must not hold up readers and the live run for ever.
      await client.query(`set local idle_in_transaction_session_timeout = ${SWAP_TIMEOUT}`);
      // From here on the live run cannot write. It locks in the same order: the tables, then the checkpoint.
      const tables = inLockOrder(projection.tables).map(({ name: table }) => liveTable(table));
      await client.query(`lock table ${tables} in exclusive mode`);
      const position = await load(loaded, await lockCheckpoint(client, projection), until);
      await eachTable('finish_rebuild');
      // The live run notices that the checkpoint has moved, and goes on from there.
      await replaceCheckpoint(client, projection, position);
      await client.query('commit');
      return true;
    } catch (error) {
      lost.throwIfAborted();
      await client.query('rollback');
      if (until.aborted || (error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE)) return false;
      throw error;
    }
  }
}
