import type pg from 'pg';
import type { SourceKey } from '../../application/calendar-sources.js';
import { inTransaction } from '../../postgres/in-transaction.js';

/** A calendar source was set anew or deleted, or another fetch has begun. */
export class FenceMoved extends Error {
  override readonly name = 'FenceMoved';
}

/**
 * Does work for a calendar source while nobody can set it, delete it, or begin another fetch of it. Throws `FenceMoved`
 * when somebody has since the fence was read.
 */
export function behindFence<Result>(
  pool: pg.Pool,
  { coachHashId, source }: SourceKey,
  fence: bigint,
  work: (client: pg.ClientBase) => Promise<Result>,
): Promise<Result> {
  return inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      'select from calendars.sources where coach_hash_id = $1 and source = $2 and fence = $3 for update',
      [coachHashId, source, fence],
    );
    if (rowCount === 0) throw new FenceMoved('the calendar source has changed meanwhile');
    return work(client);
  });
}
