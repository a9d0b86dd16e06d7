import type pg from 'pg';
import type { Place } from '../place.js';

/** How far a feed has come, as its row in `feeds.cursors` says. */
export interface Cursor {
  /** The last change that was delivered; undefined: none was. */
  readonly place: Place | undefined;
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
  readonly moved_at: Date | null;
  readonly last_error: string | null;
  readonly failing_since: Date | null;
}

/** The cursors of all feeds that have one, by the name of the feed. */
export async function readCursors(database: Queryable): Promise<ReadonlyMap<string, Cursor>> {
  const { rows } = await database.query<Row>('select * from feeds.cursors order by feed');
  return new Map(rows.map((row) => [row.feed, cursorOf(row)]));
}

/** The cursor of a feed; undefined when it has none. */
export async function readCursor(database: Queryable, feed: string): Promise<Cursor | undefined> {
  const { rows } = await database.query<Row>('select * from feeds.cursors where feed = $1', [feed]);
  return rows[0] && cursorOf(rows[0]);
}

/** Moves the cursor of a feed to the change that was delivered last. The feed does not fail any more. */
export async function saveCursor(database: Queryable, feed: string, place: Place): Promise<void> {
  const { position, id, coachHashId, revision } = place;
  await database.query({
    name: 'save cursor',
    text: `
      insert into feeds.cursors (feed, position, event_id, coach_hash_id, revision, moved_at)
      values ($1, $2, $3, $4, $5, clock_timestamp())
      on conflict (feed) do update set position = excluded.position, event_id = excluded.event_id,
        coach_hash_id = excluded.coach_hash_id, revision = excluded.revision, moved_at = excluded.moved_at,
        last_error = null, failing_since = null`,
    values: [feed, position, id, coachHashId, revision],
  });
}

/** Says why a feed fails; undefined: it does not any more. */
export async function saveError(database: Queryable, feed: string, error: string | undefined): Promise<void> {
  await database.query(
    `insert into feeds.cursors (feed, last_error, failing_since)
     values ($1, $2, case when $2::text is not null then clock_timestamp() end)
     on conflict (feed) do update set last_error = excluded.last_error,
       failing_since = case when $2::text is not null then coalesce(cursors.failing_since, excluded.failing_since) end`,
    [feed, error ?? null],
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
    lastError: row.last_error ?? undefined,
    failingSince: row.failing_since ?? undefined,
    movedAt: row.moved_at ?? undefined,
  };
}
