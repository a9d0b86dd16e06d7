import type pg from 'pg';
import type { SourceKey } from '../../application/calendar-sources.js';
import type { CalendarReading } from '../../domain/availability/calendar-reading.js';
import type { Validators } from './fetch-calendar.js';
import type { SourceRow } from './source-rows.js';

/** A calendar source that is due, and taken: its fence is of this fetch. Times are in epoch milliseconds. */
export interface DueSource extends SourceKey {
  /** Undefined: it was deleted, and its time off is to be removed. */
  readonly url: string | undefined;
  readonly host: string;
  /** In minutes. */
  readonly interval: number;
  readonly fence: bigint;
  readonly dueAt: number;
  readonly failures: number;
  /** Of the document that was read last; undefined: none was. */
  readonly digest: string | undefined;
  readonly validators: Validators;
  /** When it was read last; undefined: it is to be read in any case. */
  readonly readAt: number | undefined;
}

/** How many fetches are under way at once: of all sources, of those at a host, and of those of a coach. */
export const PARALLEL = 16;
export const PARALLEL_OF_HOST = 4;
export const PARALLEL_OF_COACH = 4;

/** Takes what is due and is not under way, the longest overdue first. Passes over what somebody is just changing. */
export async function takeDue(
  client: pg.ClientBase,
  now: number,
  underWay: readonly DueSource[],
): Promise<readonly DueSource[]> {
  const { rows } = await client.query<SourceRow>({
    name: 'take due calendar sources',
    text: TAKE_DUE,
    values: [
      new Date(now),
      underWay.map(({ coachHashId }) => coachHashId),
      underWay.map(({ source }) => source),
      underWay.map(({ host }) => host),
      PARALLEL_OF_HOST,
      PARALLEL_OF_COACH,
      PARALLEL - underWay.length,
    ],
  });
  return rows.map(dueOf);
}

/** What becomes known of a calendar source when a fetch has succeeded. */
export interface Success {
  readonly validators: Validators;
  /** Absent: the document was not read, being the same. */
  readonly read?: { readonly digest: string; readonly total: number; readonly reading: CalendarReading };
}

/** Takes note that a fetch succeeded, unless the fence has moved. */
export async function noteSuccess(
  pool: pg.Pool,
  { coachHashId, source, fence, dueAt }: DueSource,
  { validators, read }: Success,
  now: number,
  pause: number,
): Promise<void> {
  const { etag, lastModified } = validators;
  const values = [coachHashId, source, fence, new Date(dueAt), new Date(now), new Date(now + pause)];
  await pool.query(NOTE_SUCCESS, [
    ...values,
    etag ?? null,
    lastModified ?? null,
    ...(read ? [read.digest, read.total, JSON.stringify(read.reading)] : [null, null, null]),
  ]);
}

/** Takes note that a fetch failed, unless the fence has moved. */
export async function noteFailure(
  pool: pg.Pool,
  { coachHashId, source, fence, dueAt }: DueSource,
  why: string,
  now: number,
  pause: number,
): Promise<void> {
  const values = [coachHashId, source, fence, new Date(dueAt), new Date(now), new Date(now + pause), why];
  await pool.query(NOTE_FAILURE, values);
}

/** Has a calendar source taken again later, with nothing noted of it: what failed was not the calendar. */
export async function postpone(
  pool: pg.Pool,
  { coachHashId, source, fence, dueAt }: DueSource,
  until: number,
): Promise<void> {
  const values = [coachHashId, source, fence, new Date(dueAt), new Date(until)];
  await pool.query(`update calendars.sources set due_at = $5 where ${MINE} and due_at = $4`, values);
}

/** Forgets a calendar source that was deleted. The caller holds its row. */
export async function forget(client: pg.ClientBase, { coachHashId, source, fence }: DueSource): Promise<void> {
  await client.query(`delete from calendars.sources where ${MINE}`, [coachHashId, source, fence]);
}

function dueOf(row: SourceRow): DueSource {
  return {
    coachHashId: row.coach_hash_id,
    source: row.source,
    url: row.deleted_at ? undefined : row.url,
    host: row.host,
    interval: row.interval_minutes,
    fence: row.fence,
    dueAt: row.due_at.getTime(),
    failures: row.failures,
    digest: row.digest ?? undefined,
    validators: { etag: row.etag ?? undefined, lastModified: row.last_modified ?? undefined },
    readAt: row.read_at?.getTime(),
  };
}

const TAKE_DUE = `
  with busy as (
    select * from unnest($2::text[], $3::text[], $4::text[]) as busy (coach_hash_id, source, host)
  ), due as (
    select coach_hash_id, source, host, due_at,
      row_number() over (partition by coach_hash_id order by due_at) as place_of_coach
    from calendars.sources
    where due_at <= $1
      and not exists (
        select from busy where busy.coach_hash_id = sources.coach_hash_id and busy.source = sources.source
      )
  ), due_of_coaches as (
    -- Only what its coach has room for takes a place at its host.
    select coach_hash_id, source, host, row_number() over (partition by host order by due_at) as place_at_host
    from due
    where place_of_coach <= $6 - (select count(*) from busy where busy.coach_hash_id = due.coach_hash_id)
  ), taken as (
    select coach_hash_id, source
    from calendars.sources join due_of_coaches using (coach_hash_id, source)
    where place_at_host <= $5 - (select count(*) from busy where busy.host = due_of_coaches.host)
    order by due_at
    limit $7
    for update of sources skip locked
  )
  update calendars.sources set fence = nextval('calendars.versions')
  from taken
  where sources.coach_hash_id = taken.coach_hash_id and sources.source = taken.source
  returning sources.*`;

const MINE = 'coach_hash_id = $1 and source = $2 and fence = $3';

// Somebody may have asked for a fetch during this one.
const NEXT = `case when due_at = $4 then $6::timestamptz else due_at end`;

const NOTE_SUCCESS = `
  update calendars.sources set
    due_at = ${NEXT}, fetched_at = $5, succeeded_at = $5, failures = 0, failing_since = null, last_error = null,
    etag = $7, last_modified = $8,
    digest = coalesce($9, digest),
    read_at = case when $9::text is null then read_at when due_at = $4 then $5::timestamptz end,
    total = coalesce($10, total), reading = coalesce($11, reading)
  where ${MINE}`;

const NOTE_FAILURE = `
  update calendars.sources set
    due_at = ${NEXT}, fetched_at = $5, failures = failures + 1, failing_since = coalesce(failing_since, $5),
    last_error = $7
  where ${MINE}`;
