import type pg from 'pg';
import type { Position } from '../../event-store/event-store.js';
import type { Place } from '../place.js';

/** How far a feed has come, as its row in `feeds.cursors` says. */
export interface Cursor {
  /** The last change that was delivered; undefined: none was. */
  readonly place: Place | undefined;
  /** Everything up to here (inclusive) was delivered, or concerns nobody outside; undefined: nothing was yet. */
  readonly reached: Position | undefined;
  /** Why the last attempt failed; undefined: it succeeded. */
  readonly lastError: string | undefined;
  /** Since when attempts have failed. */
  readonly failingSince: Date | undefined;
  /** When the cursor moved last. */
  readonly movedAt: Date | undefined;
}

/** What can run a statement: a connection or a pool. */
export type Queryable = Pick<pg.Pool | pg.Client, 'query'>;

interface Row {
  readonly feed: string;
  readonly position: bigint | null;
  readonly event_id: string;
  readonly coach_hash_id: string;
  readonly revision: bigint;
  readonly reached: bigint | null;
  readonly moved_at: Date | null;
  readonly last_error: string | null;
  readonly failing_since: Date | null;
}

/**
 * The cursors of feeds that have one, by the name of the feed.
 * @param feeds default: all
 */
export async function readCursors(
  database: Queryable,
  feeds?: readonly string[],
): Promise<ReadonlyMap<string, Cursor>> {
  const { rows } = await database.query<Row>(
    'select * from feeds.cursors where $1::text[] is null or feed = any($1) order by feed',
    [feeds],
  );
  return new Map(rows.map((row) => [row.feed, cursorOf(row)]));
}

/** The cursor of a feed; undefined when it has none. */
export async function readCursor(database: Queryable, feed: string): Promise<Cursor | undefined> {
  return (await readCursors(database, [feed])).get(feed);
}

/**
 * Moves the cursor of a feed. The feed does not fail any more.
 * @param place the change that was delivered last; undefined: as before
 * @param reached everything up to here (inclusive) was delivered
 */
export async function saveCursor(
  database: Queryable,
  feed: string,
  place: Place | undefined,
  reached: Position,
): Promise<void> {
  await database.query({
    name: 'save cursor',
    text: `
      insert into feeds.cursors as c (feed, position, event_id, coach_hash_id, revision, reached, moved_at)
      values ($1, $2, $3, $4, $5, $6, clock_timestamp())
      on conflict (feed) do update set position = coalesce(excluded.position, c.position),
        event_id = coalesce(excluded.event_id, c.event_id),
        coach_hash_id = coalesce(excluded.coach_hash_id, c.coach_hash_id),
        revision = coalesce(excluded.revision, c.revision),
        reached = excluded.reached, moved_at = excluded.moved_at, last_error = null, failing_since = null`,
    values: [feed, place?.position, place?.id, place?.coachHashId, place?.revision, reached],
  });
}

/** Says why a feed fails. */
export async function saveError(database: Queryable, feed: string, error: string): Promise<void> {
  await database.query(
    `insert into feeds.cursors as c (feed, last_error, failing_since) values ($1, $2, clock_timestamp())
     on conflict (feed) do update set last_error = excluded.last_error,
       failing_since = coalesce(c.failing_since, excluded.failing_since)`,
    [feed, error],
  );
}

function cursorOf(row: Row): Cursor {
  return {
    place:
      row.position === null
        ? undefined
        : {
            position: row.position,
            id: row.event_id,
            coachHashId: row.coach_hash_id,
            revision: Number(row.revision),
          },
    reached: row.reached ?? undefined,
    lastError: row.last_error ?? undefined,
    failingSince: row.failing_since ?? undefined,
    movedAt: row.moved_at ?? undefined,
  };
}
