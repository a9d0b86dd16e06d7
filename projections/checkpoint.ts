import type pg from 'pg';
import { type Position, START } from '../src/event-store/event-store.js';
import type { Projection } from './projection.js';
import type { Statement } from './statements.js';

/** How far a projection has come. */
export interface Checkpoint {
  /** Its tables have every event up to here, */
  readonly position: Position;
  /** and all of it from this version. False: another one has written too, and did not write what it does not know. */
  readonly whole: boolean;
}

/** How far a projection has come. Makes the checkpoint, at the start of the log, when there is none. */
export async function loadCheckpoint(client: pg.Client, { name, version }: Projection): Promise<Checkpoint> {
  await client.query(
    `insert into read_model.checkpoints (projection, position, version, version_position) values ($1, $2, $3, $2)
     on conflict do nothing`,
    [name, START, version],
  );
  const { rows } = await client.query<Checkpoint>(
    `select position, version = $2 and version_position = position as whole
     from read_model.checkpoints where projection = $1`,
    [name, version],
  );
  return rows[0]!;
}

/**
 * Makes changes and moves the checkpoint, both or neither. Answers false, and has changed nothing, when the checkpoint
 * is no longer where it was thought to be. After an error the transaction may still be open: end the connection.
 */
export async function saveProgress(
  client: pg.Client,
  { name, version }: Projection,
  from: Position,
  to: Position,
  changes: readonly Statement[],
): Promise<boolean> {
  await client.query('begin');
  // First the checkpoint, then the tables: a rebuild takes them in the same order.
  const { rowCount } = await client.query({
    name: 'move checkpoint',
    text: `
      update read_model.checkpoints set
        position = $3,
        version_position = case when version = $4 and version_position = $2 then $3 else version_position end,
        updated_at = now()
      where projection = $1 and position = $2`,
    values: [name, from, to, version],
  });
  if (rowCount === 0) {
    await client.query('rollback');
    return false;
  }
  for (const statement of changes) await client.query(statement);
  await client.query('commit');
  return true;
}
