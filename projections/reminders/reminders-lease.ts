import type pg from 'pg';
import { holdLease, type LeaseParts } from '../../src/postgres/lease.js';
import type { DueReminder, Lease } from '../../src/reminders/lease.js';
import { readCheckpoint } from '../checkpoint.js';
import { timeParameter, timestamp } from '../column-types.js';
import { sessions } from '../sessions-projection.js';

/** The lock of the process that makes the reminders. */
const LOCK = 'reminders';

/** Milliseconds that a statement may take. */
const QUERY_TIMEOUT = 10_000;

/** How many reminders are found at a time. */
const PAGE = 500;

const MINUTE = 60_000;

const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * Waits until this process is the one that makes the reminders, then does the work. Rejects as `holdLease` does.
 * @param wait called while another process makes them
 */
export function holdReminders(
  { url, signal, ...wait }: Pick<LeaseParts, 'url' | 'signal' | 'onWaiting' | 'onTakeOver'>,
  work: (lease: Lease) => Promise<void>,
): Promise<void> {
  const lease = { url, name: LOCK, applicationName: 'reminders', queryTimeout: QUERY_TIMEOUT, signal, ...wait };
  return holdLease(lease, async ({ client, lost, beat }) => {
    // What the planner knows of a table that grows fast is soon too old.
    await client.query('set enable_seqscan = off');
    await work({ ...remindersIn(client), lost, beat });
  });
}

/** Forgets all offsets: what falls due from now on, as long as no process makes reminders, is never told. */
export async function forgetReminders(pool: pg.Pool): Promise<void> {
  await pool.query('delete from read_model.reminder_offsets');
}

function remindersIn(client: pg.Client): Omit<Lease, 'lost' | 'beat'> {
  async function* due({ offsetMinutes, after, upTo }: Parameters<Lease['due']>[0]) {
    const offset = offsetMinutes * MINUTE;
    let [start, id] = [after + offset, LAST_ID];
    for (;;) {
      const { rows } = await client.query<Omit<DueReminder, 'offsetMinutes'>>({
        name: 'due reminders',
        text: DUE,
        values: [timeParameter(start), id, timeParameter(upTo + offset), timeParameter(upTo), offsetMinutes, PAGE],
      });
      const last = rows.at(-1);
      if (!last) return;
      yield rows.map((row) => ({ ...row, offsetMinutes }));
      if (rows.length < PAGE) return;
      [start, id] = [last.start, last.sessionId];
    }
  }

  return {
    due,

    async resume(offsets, { toldUpTo, position }) {
      const { rows } = await client.query<{ offsetMinutes: number; since: number; toldUpTo: number; position: bigint }>(
        {
          text: RESUME,
          values: [offsets, timeParameter(toldUpTo), position],
        },
      );
      const [first] = rows;
      return { offsets: rows, toldUpTo: first?.toldUpTo ?? toldUpTo, position: first?.position ?? position };
    },

    async save(offsets, { toldUpTo, position }) {
      await client.query({
        name: 'save reminders',
        text: SAVE,
        values: [
          offsets.map(({ offsetMinutes }) => offsetMinutes),
          offsets.map(({ since }) => timeParameter(since)),
          timeParameter(toldUpTo),
          position,
        ],
      });
    },

    readModelPosition: async () => (await readCheckpoint(client, sessions.name)).position,

    async nextDue(offsets, after) {
      const { rows } = await client.query<{ due: number | null }>({
        name: 'next reminder',
        text: NEXT_DUE,
        values: [offsets.map(({ offsetMinutes }) => offsetMinutes), timeParameter(after)],
      });
      return rows[0]?.due ?? undefined;
    },
  };
}

const read = (column: string) => timestamp.toRead!(column);

// What was past already when the session was booked or moved is left to the coach to refuse, too: this saves asking.
const DUE = `
  select id as "sessionId", coach_hash_id as "coachHashId", ${read('start')} as start
  from read_model.sessions
  where (start, id) > ($1::timestamptz, $2::uuid) and start <= $3::timestamptz and start > $4::timestamptz
    and state = 'scheduled' and start - $5::integer * interval '1 minute' > updated_at
  order by start, id
  limit $6`;

// One short scan of an index for each offset.
const NEXT_DUE = `
  select min(${read(`next.start - wanted * interval '1 minute'`)}) as due
  from unnest($1::integer[]) as wanted
  cross join lateral (
    select start from read_model.sessions
    where start > $2::timestamptz + wanted * interval '1 minute' and state = 'scheduled'
    order by start
    limit 1
  ) next`;

// A new offset begins where the others are, and is past for what was due by now.
const RESUME = `
  with removed as (
    delete from read_model.reminder_offsets where offset_minutes <> all($1::integer[])
  ), kept as (
    select * from read_model.reminder_offsets where offset_minutes = any($1::integer[])
  ), added as (
    insert into read_model.reminder_offsets (offset_minutes, since, told_up_to, position)
    select wanted, $2, coalesce((select min(told_up_to) from kept), $2), coalesce((select min(position) from kept), $3)
    from unnest($1::integer[]) as wanted
    where wanted not in (select offset_minutes from kept)
    returning *
  )
  select offset_minutes as "offsetMinutes", ${read('since')} as since, ${read('told_up_to')} as "toldUpTo", position
  from (table kept union all table added) present
  order by offset_minutes desc`;

// A process that makes no reminders may have removed the rows.
const SAVE = `
  insert into read_model.reminder_offsets (offset_minutes, since, told_up_to, position)
  select wanted, since, $3, $4 from unnest($1::integer[], $2::timestamptz[]) as given (wanted, since)
  on conflict (offset_minutes) do update
  set since = excluded.since, told_up_to = excluded.told_up_to, position = excluded.position`;
