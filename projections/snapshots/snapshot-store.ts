import type pg from 'pg';
import type { Snapshot, Snapshots } from '../../src/application/snapshots/snapshots.js';
import { createBatchedLookup } from '../../src/postgres/batched-lookup.js';
import { copyBytes } from '../../src/postgres/copy-bytes.js';
import { query } from '../query.js';

interface SnapshotRow extends Omit<Snapshot, 'state'> {
  readonly id: bigint;
}

/** Bytes of a snapshot in one row. */
const PART = 100_000;

/** Snapshots in `read_model.snapshots`, their bytes in `read_model.snapshot_parts`. */
export function createSnapshots(pool: pg.Pool): Snapshots {
  // Most streams have no snapshot: lookups made at the same time share one statement.
  const find = createBatchedLookup(async (streams): Promise<ReadonlyMap<string, SnapshotRow>> => {
    const rows = await query<SnapshotRow & { stream: string }>(pool, {
      name: 'find snapshots',
      text: `
        select distinct on (stream) stream, id, revision, event_id as "eventId", position, form
        from read_model.snapshots
        where stream = any($1)
        order by stream, id desc`,
      values: [streams],
    });
    return new Map(rows.map(({ stream, ...row }) => [stream, row]));
  });

  return {
    async load(stream, form) {
      const row = await find(stream);
      if (row?.form !== form) return undefined;
      const { id, ...snapshot } = row;
      const parts = `select bytes from read_model.snapshot_parts where snapshot = ${id} order by nr`;
      return { ...snapshot, state: await copyBytes(pool, parts) };
    },

    async save(stream, { revision, eventId, position, form, state }) {
      // At shutdown, a lost snapshot is better than an error in the log.
      if (pool.ending) return;
      // Deletes only older snapshots: the statement does not see the row that it inserts.
      await query(pool, {
        text: `
          with saved as (
            insert into read_model.snapshots (stream, revision, event_id, position, form)
            values ($1, $2, $3, $4, $5)
            returning id
          ),
          parts as (
            insert into read_model.snapshot_parts (snapshot, nr, bytes)
            select id, nr, substr($6, nr * ${PART} + 1, ${PART})
            from saved, generate_series(0, length($6::bytea) / ${PART}) as nr
          )
          delete from read_model.snapshots where stream = $1`,
        values: [stream, revision, eventId, position, form, state],
      });
    },
  };
}
