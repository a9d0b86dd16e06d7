import type pg from 'pg';
import type { Snapshot, Snapshots } from '../application/snapshots.js';
import { createBatchedLookup } from '../postgres/batched-lookup.js';
import { copyBytes } from '../postgres/copy-bytes.js';
import { ask } from './ask.js';

interface SnapshotRow extends Omit<Snapshot, 'state'> {
  readonly id: bigint;
}

/** Snapshots in `read_model.snapshots`. */
export function createSnapshots(pool: pg.Pool): Snapshots {
  // Most streams have none: those that are asked for together share one statement.
  const find = createBatchedLookup(async (streams): Promise<ReadonlyMap<string, SnapshotRow>> => {
    const rows = await ask<SnapshotRow & { stream: string }>(pool, {
      name: 'find snapshots',
      text: `
        select stream, id, revision, event_id as "eventId", position, form
        from read_model.snapshots
        where stream = any($1)`,
      values: [streams],
    });
    return new Map(rows.map(({ stream, ...row }) => [stream, row]));
  });

  return {
    async load(stream, form) {
      const row = await find(stream);
      if (row?.form !== form) return undefined;
      const { id, ...snapshot } = row;
      const state = await copyBytes(pool, `select state from read_model.snapshots where id = ${id}`);
      return state && { ...snapshot, state };
    },

    async save(stream, { revision, eventId, position, form, state }) {
      // A snapshot is not worth an error at the end of the service.
      if (pool.ending) return;
      await ask(pool, {
        text: `
          insert into read_model.snapshots (stream, revision, event_id, position, form, state)
          values ($1, $2, $3, $4, $5, $6)
          on conflict (stream) do update set
            id = default, revision = excluded.revision, event_id = excluded.event_id, position = excluded.position,
            form = excluded.form, saved_at = default, state = excluded.state`,
        values: [stream, revision, eventId, position, form, state],
      });
    },
  };
}
