import type pg from 'pg';
import { ArrayWriter, OID } from '../../postgres/binary-writer.js';
import type { AppendResult, ExpectedRevision, NewEvent, Position, StreamAppend } from '../event-store.js';

/** An append to make. */
export interface Append {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  /** At least one. */
  readonly events: readonly NewEvent[];
}

/** The answer to appends that were made in one transaction. */
export interface Appended {
  /** An outcome for each append, in order. */
  readonly results: readonly AppendResult[];
  /** The position before the first event that this call wrote: what is appended at or before it was there already. */
  readonly head: Position;
  /** When the events were written, in epoch milliseconds. */
  readonly recordedAt: number;
}

/** What event_store.append answers. */
interface Answer {
  readonly head: Position;
  readonly recorded_at: number;
  readonly misfits: readonly Misfit[] | null;
  readonly exact: readonly string[] | null;
}

type Misfit = readonly [place: number, actual: number, repeated: number | null];

/**
 * Makes the appends in one call and one transaction. No stream may occur twice. Throws what Postgres throws: then
 * nothing was written, unless the connection was lost; and a `RangeError` for an id that is not a UUID.
 */
export async function callAppend(connection: pg.Pool | pg.PoolClient, appends: readonly Append[]): Promise<Appended> {
  const { rows } = await connection.query<Answer>({
    name: 'append',
    text: 'select head, recorded_at, misfits, exact from event_store.append($1, $2, $3, $4, $5, $6, $7)',
    values: toParameters(appends),
  });
  return toAppended(appends, rows[0]!);
}

/**
 * Makes the appends in one transaction, all or none, in their order. Answers false when one does not fit. Throws what
 * Postgres throws, and a `RangeError` for an id that is not a UUID: then nothing was written, unless the connection was
 * lost.
 */
export async function callAppendAll(pool: pg.Pool, appends: readonly StreamAppend[]): Promise<boolean> {
  const { rows } = await pool.query<{ fits: boolean }>({
    name: 'append all',
    text: 'select event_store.append_all($1, $2, $3, $4, $5, $6) as fits',
    values: toColumns(appends),
  });
  return rows[0]!.fits;
}

/**
 * Writes an event as an append does, and takes it back. All in one message: a process that stopped between two of them
 * would hold the lock of the log. Triggers and constraints count that a commit would come to. Throws what Postgres
 * throws; then the pool closes the connection, which ends the transaction.
 */
export async function tryAppend(pool: pg.Pool): Promise<void> {
  await pool.query(`
    begin;
    select event_store.append(
      array['attempt'], array[null]::bigint[], array[1], array[gen_random_uuid()], array['attempt'],
      array['{}']::jsonb[], array['{}']::jsonb[]
    );
    set constraints all immediate;
    rollback`);
}

/** The arrays that the function takes. */
function toParameters(appends: readonly Append[]): Buffer[] {
  let count = 0;
  for (const { events } of appends) count += events.length;
  const to = new ArrayWriter();
  to.beginArray(OID.text, count);
  for (const { stream, events } of appends) for (const _ of events) to.text(stream);
  to.beginArray(OID.bigint, count);
  for (const { expected, events } of appends) {
    for (let nth = 1; nth <= events.length; nth += 1) {
      if (expected === 'any') to.null();
      else to.int64(expected + BigInt(nth));
    }
  }
  to.beginArray(OID.integer, count);
  for (const { events } of appends) for (let nth = 1; nth <= events.length; nth += 1) to.int32(nth);
  to.beginArray(OID.uuid, count);
  for (const { events } of appends) for (const { id } of events) to.uuid(id);
  to.beginArray(OID.text, count);
  for (const { events } of appends) for (const { type } of events) to.text(type);
  to.beginArray(OID.jsonb, count);
  for (const { events } of appends) for (const { data } of events) to.jsonb(data);
  to.beginArray(OID.jsonb, count);
  for (const { events } of appends) for (const { metadata } of events) to.jsonb(metadata);
  return to.end();
}

/** The arrays that the function for all appends at once takes. */
function toColumns(appends: readonly StreamAppend[]): Buffer[] {
  const rows = appends.flatMap(({ stream, expected, events }) =>
    events.map((event, nth) => ({ ...event, stream, revision: expected + BigInt(nth) + 1n })),
  );
  const to = new ArrayWriter();
  to.beginArray(OID.text, rows.length);
  for (const { stream } of rows) to.text(stream);
  to.beginArray(OID.bigint, rows.length);
  for (const { revision } of rows) to.int64(revision);
  to.beginArray(OID.uuid, rows.length);
  for (const { id } of rows) to.uuid(id);
  to.beginArray(OID.text, rows.length);
  for (const { type } of rows) to.text(type);
  to.beginArray(OID.jsonb, rows.length);
  for (const { data } of rows) to.jsonb(data);
  to.beginArray(OID.jsonb, rows.length);
  for (const { metadata } of rows) to.jsonb(metadata);
  return to.end();
}

function toAppended(appends: readonly Append[], answer: Answer): Appended {
  const { head, recorded_at: recordedAt, misfits, exact } = answer;
  const misfitAt = new Map(misfits?.map((misfit) => [misfit[0], misfit]));
  let position = head;
  let place = 1;
  const results = appends.map(({ expected, events }): AppendResult => {
    const misfit = misfitAt.get(place);
    place += events.length;
    const revision = expected === 'any' ? BigInt(exact![place - 2]!) : expected + BigInt(events.length);
    if (!misfit) {
      position += BigInt(events.length);
      return { outcome: 'appended', revision, position };
    }
    const [, actual, repeated] = misfit;
    return repeated === null
      ? { outcome: 'conflict', actual: BigInt(actual) }
      : { outcome: 'appended', revision, position: BigInt(repeated) };
  });
  return { results, head, recordedAt };
}
