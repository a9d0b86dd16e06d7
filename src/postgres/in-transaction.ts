import type pg from 'pg';

/**
 * Milliseconds for which a transaction may wait for something else than Postgres: a process that was frozen must not
 * keep its locks.
 */
const LONGEST_IDLE = 20_000;

/**
 * Does work in a transaction, which takes effect unless the work throws.
 * @param takesEffect whether the transaction takes effect with this result of the work; without it, with every result
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.ClientBase) => Promise<Result>,
  takesEffect: (result: Result) => boolean = () => true,
): Promise<Result> {
  const client = await pool.connect();
  // A connection that is lost between two statements fails the next one.
  client.on('error', ignore);
  try {
    await client.query(`begin; set local idle_in_transaction_session_timeout = ${LONGEST_IDLE}`);
    const result = await work(client);
    await client.query(takesEffect(result) ? 'commit' : 'rollback');
    client.off('error', ignore);
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

const ignore = () => {};
