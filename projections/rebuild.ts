import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { type EventStore, type Position, START } from '../src/event-store/event-store.js';
import { loadCheckpoint } from './checkpoint.js';
import { copyRows } from './copy-rows.js';
import { openExclusiveConnection } from './exclusive-connection.js';
import { openFeed } from './feed.js';
import { type Changes, type Projection, rebuiltTable } from './projection.js';
import { removeOthers, statementsFor } from './statements.js';
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

/** Changes that are written at once, more or less. */
const MAX_CHANGES = 5_000;

/** Milliseconds that one statement may take, such as the making of an index. */
const QUERY_TIMEOUT = 3_600_000;

/** Milliseconds for which one attempt to swap the tables may hold up new readers. */
const LOCK_TIMEOUT = 300;

/** Milliseconds for which one attempt to swap the tables may hold up the live run. */
const SWAP_TIMEOUT = 5_000;

/** Milliseconds until the swap is tried again. */
const PAUSE = 1_000;

const LOCK_NOT_AVAILABLE = '55P03';
const UNIQUE_VIOLATION = '23505';

/** Another rebuild of the projection is under way. */
export class RebuildUnderWay extends Error {
  override readonly name = 'RebuildUnderWay';
}

/**
 * Makes a projection's tables anew from the whole log and puts them in the place of the old ones, which serve until
 * then. The live run goes on meanwhile, in this process or another; it is held up only while the tables are swapped.
 * Grants, comments, index names and views over the tables stay; see finish_rebuild in migrations/0004_rebuild.sql.
 *
 * Throws `RebuildUnderWay`, the signal's reason, what Postgres throws, or `UnreadableEvent`: then nothing has changed,
 * and a rebuild must start again from the beginning. A reader whose transaction has a snapshot from before the rebuild
 * sees no rows in the new tables.
 */
export async function rebuildProjection(projection: Projection, parts: RebuildParts): Promise<void> {
  const { name, version } = projection;
  const { store, url, signal } = parts;
  const log = parts.log.child({ projection: name });
  const { client, lost, tryLock, close } = await openExclusiveConnection(url, `rebuild ${name}`, QUERY_TIMEOUT, signal);
  try {
    if (!(await tryLock(`rebuild ${name}`))) throw new RebuildUnderWay(`${name} is being rebuilt already`);
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
    await eachTable('begin_rebuild');
    let position = await load(START, await store.head(), copy, lost);
    for (const table of projection.tables) await index(table);

    for (let attempt = 1; ; attempt += 1) {
      const checkpoint = await loadCheckpoint(client, projection);
      position = await load(position, checkpoint.position, write, lost);
      if (await swap(position)) break;
      if (attempt === 1) log.warn('queries that take long keep the rebuilt tables from their place, trying on');
      await sleep(PAUSE, undefined, { signal: lost });
    }
    log.info('the rebuilt tables are in place');
  }

  async function eachTable(step: 'begin_rebuild' | 'finish_rebuild'): Promise<void> {
    for (const table of projection.tables) await client.query(`select read_model.${step}($1)`, [table.name]);
  }

  /** Adds every row to a table that has no key yet. */
  async function copy(changes: Changes): Promise<void> {
    for (const [table, rows] of changes) await copyRows(client, table, rows, rebuiltTable(table.name));
  }

  async function index(table: Table): Promise<void> {
    try {
      await client.query('select read_model.index_rebuild($1)', [table.name]);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION)) throw error;
      // Rows that later events replaced. To look for them before costs more where there are none.
      await client.query(removeOthers(table, rebuiltTable(table.name)));
      await client.query('select read_model.index_rebuild($1)', [table.name]);
    }
  }

  async function write(changes: Changes): Promise<void> {
    for (const statement of statementsFor(changes, rebuiltTable)) await client.query(statement);
  }

  /** Makes the changes that follow a position, up to the target at least. Answers how far it came. */
  async function load(
    from: Position,
    target: Position,
    make: (changes: Changes) => Promise<void>,
    until: AbortSignal,
  ): Promise<Position> {
    const returned = new AbortController();
    const feed = openFeed(store, projection, from, MAX_CHANGES, AbortSignal.any([until, returned.signal]));
    try {
      let position = from;
      while (position < target) {
        const arrived = await feed.next();
        if (!arrived) continue;
        await make(arrived.changes);
        position = arrived.position;
      }
      return position;
    } finally {
      returned.abort();
    }
  }

  /** Answers false, and has changed nothing, when queries that read the old tables do not end soon enough. */
  async function swap(loaded: Position): Promise<boolean> {
    const until = AbortSignal.any([lost, AbortSignal.timeout(SWAP_TIMEOUT)]);
    try {
      await client.query('begin');
      await client.query(`set local lock_timeout = ${LOCK_TIMEOUT}`);
      // From here on the live run cannot commit. It takes its locks in the same order: checkpoint, tables.
      const { rows } = await client.query<{ position: Position }>(
        'select position from read_model.checkpoints where projection = $1 for update',
        [name],
      );
      const position = await load(loaded, rows[0]!.position, write, until);
      await eachTable('finish_rebuild');
      // The live run notices, and goes on from there.
      await client.query(
        `update read_model.checkpoints set position = $2, version = $3, version_position = $2, updated_at = now()
         where projection = $1`,
        [name, position, version],
      );
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
