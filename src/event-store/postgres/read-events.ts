import pLimit from 'p-limit';
import type pg from 'pg';
import { arrayParameter } from '../../postgres/array-parameter.js';
import { createBatchedLookup } from '../../postgres/batched-lookup.js';
import type { JsonObject, Position, RecordedEvent, Revision, StreamFilter } from '../event-store.js';
import type { LogPage } from './postgres-subscription.js';

/** The most events that a page examines: as many, unless the log or its bytes end it before. */
export const PAGE_ROWS = 1_000;

/** The same for pages between which others are served: to parse so many takes 3 to 5 ms. */
export const ROWS_IN_TURNS = 250;

/** The most events in the first page of a stream. Most streams of this service are shorter. */
const FIRST_ROWS = 100;

/** A page ends with the event that brings it to this size, in bytes of JSON, about. */
const PAGE_BYTES = 4_000_000;

/**
 * How many bytes of JSON a stored byte is that Postgres has compressed, as it does from 2 kB on: the hours of a coach are
 * 170 kB, and 5 kB as stored. How large a value was, Postgres says only when it has decompressed it.
 */
const COMPRESSED = 32;

/** The size of an event. */
const bytesOf = (row: string) => `(
  pg_column_size(${row}.data) * case when pg_column_compression(${row}.data) is null then 1 else ${COMPRESSED} end
  + pg_column_size(${row}.metadata))`;

/**
 * How many further pages of streams are read at once. Each may take 50 ms: on all connections, they would keep waiting
 * whoever appends, or asks for the head or the beginning of a stream.
 */
const FURTHER_PAGES = 4;

/** The position of the last event. */
export async function readHead(pool: pg.Pool): Promise<Position> {
  const { rows } = await pool.query<{ head: Position }>({
    name: 'head',
    text: 'select coalesce(max(position), 0) as head from event_store.events',
  });
  return rows[0]!.head;
}

/** Reads a stream from a revision (inclusive) to the end that it had at the first page, in pages. */
export type ReadStream = (stream: string, from: Revision) => AsyncGenerator<RecordedEvent[]>;

/**
 * A reader in which streams that are opened together share one statement for their first pages, and long streams leave
 * connections for others.
 */
export function createStreamReader(pool: pg.Pool): ReadStream {
  const firstPage = createBatchedLookup((starts: readonly StreamStart[]) => readFirstPages(pool, starts));
  const furtherPages = pLimit(FURTHER_PAGES);

  return async function* readStream(stream, from) {
    const { events, last } = (await firstPage({ stream, from })) as FirstPage;
    let next = from;
    for (let page = events; ; page = await furtherPages(readPage, pool, stream, next, last)) {
      if (page.length > 0) yield page;
      next += BigInt(page.length);
      if (next > last) return;
    }
  };
}

interface StreamStart {
  readonly stream: string;
  readonly from: Revision;
}

interface FirstPage {
  /** At most `FIRST_ROWS`; none when the first pages before it fill the answer. */
  readonly events: RecordedEvent[];
  /** The last revision of the stream. */
  readonly last: Revision;
}

async function readFirstPages(
  pool: pg.Pool,
  starts: readonly StreamStart[],
): Promise<ReadonlyMap<StreamStart, FirstPage>> {
  // A stream without events to read has one row, without an event.
  const { rows } = await pool.query<{ packed: string | null; nr: number; last: Revision }>({
    name: 'read-streams',
    text: `
      with start as materialized (
        select start.*, coalesce((select max(revision) from event_store.events e where e.stream = start.stream), -1) as last
        from unnest(${arrayParameter(1, 'text')}, ${arrayParameter(2, 'bigint')}) with ordinality as start(stream, first, nr)
      ),
      page as (
        select start.nr, event.*,
          sum(${bytesOf('event')}) over (order by start.nr, event.revision) as bytes
        from start
        -- By the index, stream by stream, also under a plan that was made while the log was empty.
        cross join lateral (
          select *
          from event_store.events e
          where e.stream = start.stream and e.revision >= start.first and e.revision <= start.last
          order by e.revision
          limit ${FIRST_ROWS}
        ) event
      )
      select start.nr::int, start.last, ${PACKED} as packed
      from start
      left join page on page.nr = start.nr
        and page.bytes - ${bytesOf('page')} < ${PAGE_BYTES}
      order by start.nr, page.revision`,
    values: [starts.map(({ stream }) => stream), starts.map(({ from }) => from)],
  });
  const pages = new Map<StreamStart, FirstPage>();
  for (const row of rows) {
    const start = starts[row.nr - 1]!;
    const page = pages.get(start) ?? { events: [], last: row.last };
    if (row.packed !== null) page.events.push(unpack(row.packed).event);
    pages.set(start, page);
  }
  return pages;
}

async function readPage(pool: pg.Pool, stream: string, from: Revision, last: Revision): Promise<RecordedEvent[]> {
  const { rows } = await pool.query<{ packed: string }>({
    name: 'read-stream',
    text: `
      with page as (
        select *, sum(${bytesOf('events')}) over (order by revision) as bytes
        from event_store.events
        where stream = $1 and revision >= $2::bigint and revision < $2 + ${PAGE_ROWS} and revision <= $3::bigint
      )
      select ${PACKED} as packed
      from page
      where bytes - ${bytesOf('page')} < ${PAGE_BYTES}
      order by revision`,
    values: [stream, from, last],
  });
  if (rows.length === 0) throw new Error(`${stream} has no revision ${from}, and ends with ${last}`);
  return rows.map(({ packed }) => unpack(packed).event);
}

/**
 * A page of the log: the matching events after a position, and how far the page looked. At the end of the log the
 * position stays the same.
 * @param size how many events it examines at most
 */
export async function readLog(
  pool: pg.Pool,
  after: Position,
  filter: StreamFilter,
  size = PAGE_ROWS,
): Promise<LogPage> {
  // Positions have no gaps, so a range of positions bounds the work, however few events match. The first row says how
  // far the page looked; the other rows are its events.
  const { rows } = await pool.query<{ packed: string; reached: Position; head: Position }>({
    name: 'read-log',
    text: `
      with log as materialized (
        select greatest($1::bigint, least($1 + $3::bigint, head)) as reached, head
        from (select coalesce(max(position), 0) as head from event_store.events) as last
      ),
      matching as (
        select *, sum(${bytesOf('events')}) over (order by position) as bytes
        from event_store.events
        where position > $1 and position <= (select reached from log) and stream ^@ any ($2)
      ),
      page as (
        select * from matching where bytes - ${bytesOf('matching')} < ${PAGE_BYTES}
      )
      select ${PACKED} as packed, log.reached, log.head
      from log
      full join page on false
      order by page.position nulls first`,
    values: [after, filter.prefixes, size],
  });
  const { reached, head } = rows[0]!;
  const events: RecordedEvent[] = [];
  let position = reached;
  for (let nr = 1; nr < rows.length; nr += 1) {
    const { event, bytes } = unpack(rows[nr]!.packed);
    events.push(event);
    if (bytes >= PAGE_BYTES) position = event.position;
  }
  return { events, position, head };
}

/** A row of a page as one JSON text: pg takes twice as long to read eight columns. Numbers are exact to 2^53. */
const PACKED = `
  '[' || page.position || ',' || page.revision || ',' || page.bytes || ',' ||
  round(1000 * date_part('epoch', recorded_at)) || ',"' || page.id || '",' || to_json(page.stream) || ',' ||
  to_json(type) || ',' || data || ',' || metadata || ']'`;

type Packed = [
  position: number,
  revision: number,
  bytes: number,
  recordedAt: number,
  id: string,
  stream: string,
  type: string,
  data: JsonObject,
  metadata: JsonObject,
];

function unpack(text: string): { readonly event: RecordedEvent; readonly bytes: number } {
  const [position, revision, bytes, recordedAt, id, stream, type, data, metadata] = JSON.parse(text) as Packed;
  const event = {
    stream,
    revision: BigInt(revision),
    position: BigInt(position),
    id,
    type,
    data,
    metadata,
    recordedAt,
  };
  return { event, bytes };
}
