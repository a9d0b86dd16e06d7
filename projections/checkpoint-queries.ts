import type pg from 'pg';
import { type Position, START } from '../src/event-store/event-store.js';
import { ask } from './ask.js';

/** The position up to which a projection's table has every event. Throws `ReadModelUnavailable`. */
export async function readCheckpoint(pool: pg.Pool, projection: string): Promise<Position> {
  const rows = await ask<{ position: Position }>(pool, {
    name: 'read checkpoint',
    text: 'select position from read_model.checkpoints where projection = $1',
    values: [projection],
  });
  return rows[0]?.position ?? START;
}
