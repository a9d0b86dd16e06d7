import type pg from 'pg';
import {
  type CalendarLink,
  type CalendarLinks,
  type CalendarOwner,
  MAX_CALENDAR_LINKS,
} from '../../application/calendar-links.js';
import { inTransaction } from '../../postgres/in-transaction.js';
import { whenAvailable } from '../../read-model-errors.js';
import { digestOf } from '../../secret-form.js';
import { isKey, newKey } from './link-key.js';

/** What the links need. */
export interface LinkStoreParts {
  /** Of the database that has the schema `calendars`. */
  readonly pool: pg.Pool;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Ids are in order of time, also within a millisecond. */
  readonly newId: () => string;
}

interface LinkRow {
  readonly id: string;
  readonly description: string;
  readonly created_at: Date;
  readonly used_at: Date | null;
}

/** Milliseconds for which a link that was used is not noted again: calendars come back every few minutes. */
const NOTED_FOR = 3_600_000;

const COLUMNS = 'id, description, created_at, used_at';
// The other of the two is null, which equals nothing.
const OF_OWNER = '(coach_hash_id = $1 or client_hash_id = $2)';

/** The links in Postgres. */
export function createLinkStore({ pool, now, newId }: LinkStoreParts): CalendarLinks {
  /** Inserts a link unless there are as many as there may be. Those who do it for the same calendar take turns. */
  function insert(owner: CalendarOwner, description: string, digest: string): Promise<LinkRow | undefined> {
    return inTransaction(pool, async (client) => {
      await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
        `calendars.links ${columnsOf(owner).join(' ')}`,
      ]);
      // A statement of its own: it sees what those before in turn have inserted.
      const { rows } = await client.query<LinkRow>(
        `insert into calendars.links (id, coach_hash_id, client_hash_id, description, digest, created_at)
         select $3, $1, $2, $4, $5, $6
         where (select count(*) from calendars.links where ${OF_OWNER}) < $7
         returning ${COLUMNS}`,
        [...columnsOf(owner), newId(), description, digest, new Date(now()), MAX_CALENDAR_LINKS],
      );
      return rows[0];
    });
  }

  const store: CalendarLinks = {
    async create(owner, description) {
      const key = newKey();
      const row = await insert(owner, description, digestOf(key));
      return row && { link: linkOf(owner, row), key };
    },

    async list(owner) {
      const { rows } = await pool.query<LinkRow>({
        name: 'list calendar links',
        text: `select ${COLUMNS} from calendars.links where ${OF_OWNER} order by id`,
        values: columnsOf(owner),
      });
      return rows.map((row) => linkOf(owner, row));
    },

    async revoke(owner, id) {
      const { rowCount } = await pool.query({
        name: 'revoke calendar link',
        text: `delete from calendars.links where ${OF_OWNER} and id = $3`,
        values: [...columnsOf(owner), id],
      });
      return rowCount === 1;
    },

    async opens(key, owner) {
      if (!isKey(key)) return false;
      // How long a look-up takes says nothing of the digests in the table: nobody can choose what a digest begins with.
      const { rowCount } = await pool.query({
        name: 'open calendar link',
        text: `
          with link as (select id, used_at from calendars.links where digest = $3 and ${OF_OWNER}),
            noted as (
              update calendars.links set used_at = $4
              where id = (select id from link where used_at is null or used_at <= $5)
            )
          select from link`,
        values: [...columnsOf(owner), digestOf(key), new Date(now()), new Date(now() - NOTED_FOR)],
      });
      return rowCount === 1;
    },
  };
  return {
    create: (...of) => whenAvailable(store.create(...of)),
    list: (...of) => whenAvailable(store.list(...of)),
    revoke: (...of) => whenAvailable(store.revoke(...of)),
    opens: (...of) => whenAvailable(store.opens(...of)),
  };
}

/** The coach's id and the client's, one of which is null. */
function columnsOf(owner: CalendarOwner): [string | null, string | null] {
  return 'coachHashId' in owner ? [owner.coachHashId, null] : [null, owner.clientHashId];
}

function linkOf(owner: CalendarOwner, { id, description, created_at, used_at }: LinkRow): CalendarLink {
  return { id, owner, description, createdAt: created_at.getTime(), usedAt: used_at?.getTime() };
}
