import { sessionAfter } from '../../src/domain/coach/session.js';
import { coachEvents } from '../../src/event-store/event-codec.js';
import type { Revision } from '../../src/event-store/event-store.js';
import type { Table } from '../projection.js';

/** A session as an event leaves it. Times are epoch milliseconds, `duration` is in minutes. */
export interface SessionChange {
  readonly id: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly start: number;
  readonly duration: number;
  readonly state: string;
  /** The place of the event in its stream. */
  readonly revision: Revision;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Every session as it is now. What the columns mean is in ../migrations/0002_sessions.sql. */
export const sessionsTable: Table<SessionChange> = {
  name: 'sessions',

  changesOf(recorded) {
    const event = coachEvents.decode(recorded);
    if (!('sessionId' in event)) return [];
    const session = sessionAfter(event, Number(recorded.revision));
    return [{ ...session, revision: recorded.revision, createdAt: session.scheduledAt }];
  },

  write(changes, table) {
    // A statement may touch a row once only: the last change of a session says all.
    const rows = [...new Map(changes.map((change) => [change.id, change])).values()];
    return {
      name: `write ${table}`,
      text: `
        insert into ${table} as session
          (id, coach_hash_id, client_hash_id, start, duration, state, revision, created_at, updated_at)
        select * from unnest(
          $1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::integer[], $6::text[], $7::bigint[],
          $8::timestamptz[], $9::timestamptz[]
        )
        on conflict (id) do update set
          start = excluded.start,
          duration = excluded.duration,
          state = excluded.state,
          revision = excluded.revision,
          updated_at = excluded.updated_at
        where session.revision < excluded.revision`,
      values: [
        rows.map(({ id }) => id),
        rows.map(({ coachHashId }) => coachHashId),
        rows.map(({ clientHashId }) => clientHashId),
        rows.map(({ start }) => timestamp(start)),
        rows.map(({ duration }) => duration),
        rows.map(({ state }) => state),
        rows.map(({ revision }) => revision),
        rows.map(({ createdAt }) => timestamp(createdAt)),
        rows.map(({ updatedAt }) => timestamp(updatedAt)),
      ],
    };
  },
};

// As text: exact to the millisecond, which a number of seconds is not for every year.
function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
