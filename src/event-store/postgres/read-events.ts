import type pg from 'pg';
import type { JsonObject, Position, RecordedEvent, Revision, StreamFilter } from '../event-store.js';
import type { LogPage } from './follow-log.js';

/** The most rows that a page looks at. */
const PAGE_ROWS = 1_000;

/** A page ends with the event by which it reaches this size: bytes, as stored. */
const PAGE_BYTES = 4_000_000;

interface EventRow {
  readonly stream: string;
  readonly revision: Revision;
  readonly position: Position;
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
  readonly recorded_at: Date;
}

/** The position of the last event. */
export async function readHead(pool: pg.Pool): Promise<Position> {
  const { rows } = await pool.query<{ head: Position }>({
    name: 'head',
    text: 'select coalesce(max(position), 0) as head from event_store.events',
  });
  return rows[0]!.head;
}

/** The events of a stream from a revision on, in pages, to the end that the stream had at the first page. */
export async function* readStream(pool: pg.Pool, stream: string, from: Revision): AsyncGenerator<RecordedEvent[]> {
  let next = from;
  let last: Revision | null = null;
  do {
    const { rows }: { rows: (EventRow & { last: Revision })[] } = await pool.query({
      name: 'read-stream',
      text: `
        with stream as materialized (
          select coalesce($3::bigint, max(revision)) as last from event_store.events where stream = $1
        ),
        page as (
          select *, sum(pg_column_size(data) + pg_column_size(metadata)) over (order by revision) as bytes
          from event_store.events
          where stream = $1 and revision >= $2::bigint and revision < $2 + ${PAGE_ROWS}
            and revision <= (select last from stream)
        )
        select page.*, stream.last
        from stream
        join page on page.bytes - pg_column_size(page.data) - pg_column_size(page.metadata) < ${PAGE_BYTES}
        order by page.revision`,
      values: [stream, next, last],
    });
    if (rows.length === 0) return;
    yield rows.map(toEvent);
    last = rows[0]!.last;
    next = rows.at(-1)!.revision + 1n;
  } while (next <= last);
}

/**
 * A page of the log: what matches after a position, and how far the page looked. At the end of the log the position
 * does not move.
 */
export async function readLog(pool: pg.Pool, after: Position, filter: StreamFilter): Promise<LogPage> {
  // Positions have no gaps: a range of them bounds the work, however little matches. There is a row without an event
  // when nothing does.
  const { rows } = await pool.query<
    (EventRow | Record<keyof EventRow, null>) & { reached: Position; head: Position; bytes: bigint }
  >({
    name: 'read-log',
    text: `
      with log as materialized (
        select greatest($1::bigint, least($1 + ${PAGE_ROWS}, head)) as reached, head
        from (select coalesce(max(position), 0) as head from event_store.events) as last
      ),
      page as (
        select *, sum(pg_column_size(data) + pg_column_size(metadata)) over (order by position) as bytes
        from event_store.events
        where position > $1 and position <= (select reached from log) and stream ^@ any ($2)
      )
      select page.*, log.reached, log.head
      from log
      left join page on page.bytes - pg_column_size(page.data) - pg_column_size(page.metadata) < ${PAGE_BYTES}
      order by page.position`,
    values: [after, filter.prefixes],
  });
  const last = rows.at(-1)!;
  const position = last.id !== null && last.bytes >= PAGE_BYTES ? last.position : last.reached;
  return { events: rows.filter((row) => row.id !== null).map(toEvent), position, atEnd: position >= last.head };
}

function toEvent(row: EventRow): RecordedEvent {
  const { recorded_at: recordedAt, stream, revision, position, id, type, data, metadata } = row;
  return { stream, revision, position, id, type, data, metadata, recordedAt };
}
