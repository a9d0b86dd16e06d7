import type pg from 'pg';
import { type Position, START } from '../src/event-store/event-store.js';
import { type Changes, liveTable, type Projection } from './projection.js';
import { type Queryable, query } from './query.js';
import { isUniqueViolation, type NewRows, putChanges } from './statements.js';

/** How far a projection has come. */
export interface Checkpoint {
  /** Its tables have every event of the log up to here (inclusive). */
  readonly position: Position;
  /** False when another version wrote some of the rows: then the tables may lack what that version does not know. */
  readonly isComplete: boolean;
}

/**
 * How far a projection has come, for readers. Throws `ReadModelUnavailable`.
 * @param projection its name
 * @param version the first version that writes what the reader wants: the tables are complete when no older version wrote
 * some of the rows
 */
export async function readCheckpoint(pool: Queryable, projection: string, version = 1): Promise<Checkpoint> {
  const rows = await query<Checkpoint>(pool, {
    name: 'read checkpoint',
    text: `
      select position, version >= $2 and version_position = position as "isComplete"
      from read_model.checkpoints where projection = $1`,
    values: [projection, version],
  });
  return rows[0] ?? { position: START, isComplete: true };
}

/**
 * How far a projection has come, for a writer of this version. Makes a checkpoint at the start of the log if needed.
 */
export async function loadCheckpoint(client: pg.Client, { name, version }: Projection): Promise<Checkpoint> {
  await client.query(
    `insert into read_model.checkpoints (projection, position, version, version_position) values ($1, $2, $3, $2)
     on conflict do nothing`,
    [name, START, version],
  );
  const { rows } = await client.query<Checkpoint>(
    `select position, version = $2 and version_position = position as "isComplete"
     from read_model.checkpoints where projection = $1`,
    [name, version],
  );
  return rows[0]!;
}

/**
 * Makes changes in the tables that serve readers and moves the checkpoint, both or neither. Returns false, and has
 * changed nothing, when the checkpoint is not at `from` any more. A version writes all that an older one does: tables
 * that are complete for that one stay so.
 */
export async function saveProgress(
  client: pg.Client,
  { name, version }: Projection,
  from: Position,
  to: Position,
  changes: Changes,
): Promise<boolean> {
  const condition = {
    text: `
      update read_model.checkpoints set
        position = $3,
        version_position = case when version <= $4 and version_position = $2 then $3 else version_position end,
        updated_at = now()
      where projection = $1 and position = $2
      returning 1`,
    values: [name, from, to, version],
  };
  const save = async (newRows: NewRows) => {
    const { text, values } = putChanges(changes, liveTable, newRows, condition);
    const { rowCount } = await client.query({ name: nameOf(text), text, values });
    return rowCount === 1;
  };
  return save('inserted').catch((error) => {
    if (!isUniqueViolation(error)) throw error;
    // Somebody wrote the rows and not the checkpoint, such as a restore of one table.
    return save('put');
  });
}

const names = new Map<string, string>();

/** The name under which Postgres keeps the plan of a text. There is a text for each choice of tables. */
function nameOf(text: string): string {
  const name = names.get(text) ?? `save progress ${names.size + 1}`;
  names.set(text, name);
  return name;
}

/** The position of a checkpoint that exists. Until the transaction ends, no other connection can move it. */
export async function lockCheckpoint(client: pg.Client, { name }: Projection): Promise<Position> {
  const { rows } = await client.query<{ position: Position }>(
    'select position from read_model.checkpoints where projection = $1 for update',
    [name],
  );
  return rows[0]!.position;
}

/** Sets the checkpoint for tables that this version has rebuilt up to the position (inclusive). */
export async function replaceCheckpoint(
  client: pg.Client,
  { name, version }: Projection,
  position: Position,
): Promise<void> {
  await client.query(
    `update read_model.checkpoints set position = $2, version = $3, version_position = $2, updated_at = now()
     where projection = $1`,
    [name, position, version],
  );
}
