import type pg from 'pg';
import type { Segment } from '../../src/application/snapshots/segments.js';
import type { Snapshot, SnapshotBase, SnapshotHead, Snapshots } from '../../src/application/snapshots/snapshots.js';
import { createBatchedLookup } from '../../src/postgres/batched-lookup.js';
import { query } from '../query.js';

interface Key {
  readonly stream: string;
  readonly form: number;
}

/** Snapshots in `read_model.snapshots`, their segments in `read_model.snapshot_segments`. */
export function createSnapshots(pool: pg.Pool): Snapshots {
  // Most streams have no snapshot: lookups made at the same time share one statement.
  const find = createBatchedLookup(async (keys: readonly Key[]): Promise<ReadonlyMap<Key, Snapshot>> => {
    const rows = await query<Snapshot & { nr: bigint }>(pool, {
      name: 'find snapshots',
      text: `
        select nr, id, revision, event_id as "eventId", position, form, manifest
        from unnest($1::text[], $2::integer[]) with ordinality as key (stream, form, nr)
        join read_model.snapshots using (stream, form)`,
      values: [keys.map(({ stream }) => stream), keys.map(({ form }) => form)],
    });
    return new Map(rows.map(({ nr, ...snapshot }) => [keys[Number(nr) - 1] as Key, snapshot]));
  });

  return {
    find: (stream, form) => find({ stream, form }),

    async readSegments(snapshot, ids) {
      const rows = await query<Segment>(pool, {
        name: 'read segments',
        text: 'select id, bytes from read_model.snapshot_segments where snapshot = $1 and id = any($2)',
        values: [snapshot, ids],
      });
      return new Map(rows.map(({ id, bytes }) => [id, bytes]));
    },

    async save(stream, base, head, write) {
      // At shutdown, a lost snapshot is better than an error in the log.
      if (pool.ending) return undefined;
      const client = await pool.connect();
      // A connection that is lost between two statements fails the next one.
      client.on('error', ignore);
      try {
        await client.query('begin');
        const id = base ? await follow(client, base, head) : await replace(client, stream, head);
        if (id !== undefined) {
          const { manifest, replaced } = await write((segments) => insert(client, id, segments));
          await client.query('update read_model.snapshots set manifest = $2, replaced = $3 where id = $1', [
            id,
            manifest,
            replaced,
          ]);
        }
        await client.query('commit');
        client.off('error', ignore);
        client.release();
        return id;
      } catch (error) {
        // Without its connection the transaction ends.
        client.release(error as Error);
        throw error;
      }
    },
  };
}

function ignore(): void {}

/** Moves the row of the base on, and deletes what the base has replaced. Undefined when the row was moved on before. */
async function follow(client: pg.ClientBase, { id, revision }: SnapshotBase, head: SnapshotHead) {
  const { rows } = await client.query<{ stream: string; replaced: string[] }>(
    'select stream, replaced from read_model.snapshots where id = $1 and revision = $2 for update',
    [id, revision],
  );
  const [row] = rows;
  if (!row) return undefined;
  await client.query('delete from read_model.snapshot_segments where snapshot = $1 and id = any($2)', [
    id,
    row.replaced,
  ]);
  await client.query(
    `update read_model.snapshots
     set revision = $2, event_id = $3, position = $4, form = $5, saved_at = now()
     where id = $1`,
    [id, head.revision, head.eventId, head.position, head.form],
  );
  return id;
}

/**
 * Makes a row of its own for a snapshot, in place of those in its form or an earlier one. Undefined when another process
 * has just done the same.
 */
async function replace(client: pg.ClientBase, stream: string, head: SnapshotHead): Promise<bigint | undefined> {
  await client.query('delete from read_model.snapshots where stream = $1 and form <= $2', [stream, head.form]);
  const { rows } = await client.query<{ id: bigint }>(
    `insert into read_model.snapshots (stream, revision, event_id, position, form, manifest, replaced)
     values ($1, $2, $3, $4, $5, '', '{}')
     on conflict do nothing
     returning id`,
    [stream, head.revision, head.eventId, head.position, head.form],
  );
  return rows[0]?.id;
}

async function insert(client: pg.ClientBase, snapshot: bigint, segments: readonly Segment[]): Promise<void> {
  // Of what was changed and changed back the base still has the segment.
  await client.query({
    name: 'insert segments',
    text: `
      insert into read_model.snapshot_segments (snapshot, id, bytes)
      select $1, id, bytes from unnest($2::uuid[], $3::bytea[]) as segment (id, bytes)
      on conflict do nothing`,
    values: [snapshot, segments.map(({ id }) => id), segments.map(({ bytes }) => bytes)],
  });
}
