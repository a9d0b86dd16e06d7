import pLimit from 'p-limit';
import type pg from 'pg';
import {
  type CalendarSources,
  MAX_CALENDAR_SOURCES,
  type SourceKey,
  type SourceRefusal,
  type SourceSettings,
} from '../../application/calendar-sources.js';
import { isWanted, type WantedEtag } from '../../domain/coach/etag.js';
import type { OutboundRules } from '../../outbound/outbound-url.js';
import { inTransaction } from '../../postgres/in-transaction.js';
import { whenAvailable } from '../../read-model-errors.js';
import { brokenCalendarUrl, calendarUrl, hostOf } from './calendar-url.js';
import { behindFence, FenceMoved } from './fence.js';
import { CHANNEL, type SourceRow, sourceOf } from './source-rows.js';
import { CHANGE_INTERVAL, FETCH_SOON, MARK_DELETED, ONE, SET_URL } from './source-statements.js';

/** What the calendar sources need. */
export interface SourceStoreParts {
  /** Of the database that has the schema `calendars`. */
  readonly pool: pg.Pool;
  readonly rules: OutboundRules;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Milliseconds from one fetch to the next, at least, when callers ask for it. */
const SHORTEST_PAUSE = 10_000;

/** Milliseconds after which the process that fetches removes time off that whoever deleted a source did not. */
const PATIENCE = 15_000;

/** Milliseconds for which a deleted calendar source is remembered: then its time off is removed once more. */
const REMEMBERED = 60_000;

/** The calendar sources in Postgres. */
export function createSourceStore({ pool, rules, now }: SourceStoreParts): CalendarSources {
  const time = () => new Date(now());
  // Each keeps a connection while a coach decides, whom others may keep busy: the other connections are left to others.
  const clearing = pLimit(1);

  /** The row, locked: undefined when there is none that was not deleted. */
  async function lock(client: pg.ClientBase, { coachHashId, source }: SourceKey): Promise<SourceRow | undefined> {
    const { rows } = await client.query<SourceRow>(`select * from calendars.sources where ${ONE} for update`, [
      coachHashId,
      source,
    ]);
    return rows[0];
  }

  async function wake(client: pg.ClientBase): Promise<void> {
    await client.query('select pg_notify($1, $2)', [CHANNEL, '']);
  }

  function set(key: SourceKey, { url: given, interval }: SourceSettings, etag: WantedEtag) {
    return inTransaction(pool, async (client) => {
      const { coachHashId, source } = key;
      // Those of one coach one after the other: each counts those before.
      await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`calendars.sources ${coachHashId}`]);
      const found = await lock(client, key);
      const existing = found?.deleted_at ? undefined : found;
      const stale = staleEtag(existing, etag);
      if (stale) return stale;
      if (!existing && (await count(client, coachHashId)) >= MAX_CALENDAR_SOURCES) return { refused: 'quota' as const };
      const url = calendarUrl(given);
      const isSame = existing?.url === url;
      const { rows } = await client.query<SourceRow>(isSame ? CHANGE_INTERVAL : SET_URL, [
        coachHashId,
        source,
        interval,
        time(),
        ...(isSame ? [] : [url, hostOf(url)]),
      ]);
      await wake(client);
      return sourceOf(rows[0]!);
    });
  }

  /** Marks a calendar source as deleted, unless that was done. Answers the fence from then on. */
  function markDeleted(key: SourceKey, etag: WantedEtag): Promise<bigint | SourceRefusal> {
    return inTransaction(pool, async (client) => {
      const row = await lock(client, key);
      if (!row || row.is_cleared) return { refused: 'not-found' };
      const stale = row.deleted_at ? undefined : staleEtag(row, etag);
      if (stale) return stale;
      const { rows } = await client.query<SourceRow>(MARK_DELETED, [key.coachHashId, key.source, time(), PATIENCE]);
      await wake(client);
      return rows[0]!.fence;
    });
  }

  async function clearOnce(key: SourceKey, fence: bigint, clear: () => Promise<void>): Promise<void> {
    try {
      await behindFence(pool, key, fence, async (client) => {
        await clear();
        const again = new Date(now() + REMEMBERED);
        await client.query(`update calendars.sources set is_cleared = true, due_at = $3 where ${ONE}`, [
          key.coachHashId,
          key.source,
          again,
        ]);
      });
    } catch (error) {
      // Whoever set it again replaces its time off; the process that fetches may be clearing it.
      if (!(error instanceof FenceMoved)) throw error;
    }
  }

  return {
    brokenUrl: (url) => brokenCalendarUrl(url, rules),

    set: (key, settings, etag) => whenAvailable(set(key, settings, etag)),

    get: ({ coachHashId, source }) =>
      whenAvailable(
        pool.query<SourceRow>(`select * from calendars.sources where ${ONE} and deleted_at is null`, [
          coachHashId,
          source,
        ]),
      ).then(({ rows: [row] }) => row && sourceOf(row)),

    list: (coachHashId) =>
      whenAvailable(
        pool.query<SourceRow>(
          'select * from calendars.sources where coach_hash_id = $1 and deleted_at is null order by source',
          [coachHashId],
        ),
      ).then(({ rows }) => rows.map(sourceOf)),

    fetchSoon: ({ coachHashId, source }) =>
      whenAvailable(
        inTransaction(pool, async (client) => {
          const { rows } = await client.query<SourceRow>(FETCH_SOON, [coachHashId, source, time(), SHORTEST_PAUSE]);
          await wake(client);
          return rows[0] && sourceOf(rows[0]);
        }),
      ),

    async delete(key, etag, clear) {
      const fence = await whenAvailable(markDeleted(key, etag));
      if (typeof fence === 'object') return fence;
      await whenAvailable(clearing(clearOnce, key, fence, clear));
      return 'deleted';
    },
  };
}

function staleEtag(row: SourceRow | undefined, wanted: WantedEtag): SourceRefusal | undefined {
  const etag = row ? String(row.version) : '';
  return isWanted(wanted, etag) ? undefined : { refused: 'stale-etag', etag };
}

async function count(client: pg.ClientBase, coachHashId: string): Promise<number> {
  const { rows } = await client.query<{ count: bigint }>(
    'select count(*) from calendars.sources where coach_hash_id = $1 and deleted_at is null',
    [coachHashId],
  );
  return Number(rows[0]!.count);
}
