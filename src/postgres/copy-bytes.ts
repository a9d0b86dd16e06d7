import type pg from 'pg';

/**
 * The values of a query for one column of type `bytea`, joined in the order of the rows. Ten megabytes in a hundred
 * rows take a fifth of the processor time of an ordinary query, whose result pg receives as text. Throws what Postgres
 * throws.
 * @param query has no parameters and finds no null
 */
export async function copyBytes(pool: pg.Pool, query: string): Promise<Buffer> {
  const client = await pool.connect();
  const copied = await copyOut(client, `copy (${query}) to stdout with (format binary)`).catch((error: Error) => {
    client.release(error);
    throw error;
  });
  client.release();
  return copied;
}

// The bytes before the first row: a signature, flags, and the length of an extension area that is not in use.
const HEADER = 19;

// The bytes before the one value of a row: the number of values and the length of this one. The trailer is shorter.
const BEFORE_VALUE = 6;

function copyOut(client: pg.PoolClient, text: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const values: Buffer[] = [];
    let header = HEADER;
    // The methods that pg calls on a custom query. It wraps `callback` in its own time limit.
    const query = {
      callback: (error?: Error | null) => (error ? reject(error) : resolve(Buffer.concat(values))),
      submit: (connection: pg.Connection) => connection.query(text),
      // Each chunk is a row, the first one with the header before it, in a buffer that pg uses again.
      handleCopyData({ chunk }: { readonly chunk: Buffer }) {
        values.push(Buffer.from(chunk.subarray(header + BEFORE_VALUE)));
        header = 0;
      },
      handleCommandComplete() {},
      handleReadyForQuery: () => query.callback(),
      handleError: (error: Error) => query.callback(error),
    };
    client.query(query);
  });
}
