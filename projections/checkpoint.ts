import type pg from 'pg';
import { type Position, START } from '../src/event-store/event-store.js';
import type { Statement } from './statements.js';

/**
 * The position up to which a projection has every event. Makes the checkpoint, at the start of the log, when there is
 * none.
 */
export async function loadCheckpoint(client: pg.Client, projection: string): Promise<Position> {
  await client.query(
    'insert into read_model.checkpoints (projection, position) values ($1, $2) on conflict do nothing',
    [projection, START],
  );
  const { rows } = await client.query<{ position: Position }>(
    'select position from read_model.checkpoints where projection = $1',
    [projection],
  );
  return rows[0]!.position;
}

/**
 * Makes changes and moves the checkpoint, both or neither. Answers false, and has changed nothing, when the checkpoint
 * is no longer where it was thought to be. After an error the transaction may still be open: end the connection.
 */
export async function saveProgress(
  client: pg.Client,
  projection: string,
  from: Position,
  to: Position,
  changes: readonly Statement[],
): Promise<boolean> {
  await client.query('begin');
  // First the checkpoint, then the tables: a rebuild takes them in the same order.
  const { rowCount } = await client.query({
    name: 'move checkpoint',
    text: `
      update read_model.checkpoints set position = $3, updated_at = now()
      where projection = $1 and position = $2`,
    values: [projection, from, to],
  });
  if (rowCount === 0) {
    await client.query('rollback');
    return false;
  }
  for (const statement of changes) await client.query(statement);
  await client.query('commit');
  return true;
}
