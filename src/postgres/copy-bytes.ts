import type pg from 'pg';

/**
 * What a query for one column of type `bytea` answers, put together. Ten megabytes in a hundred rows take a fifth of the
 * processor time that they take as the result of an ordinary query: pg has those as text. Throws what Postgres throws.
 * @param query cannot have parameters, and answers no null
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

// Comes first: a signature, flags and the length of an extension that nobody has.
const HEADER = 19;

// Before the one value of a row: how many values there are, and how long it is. After the last row there is less.
const BEFORE_VALUE = 6;

function copyOut(client: pg.PoolClient, text: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const values: Buffer[] = [];
    let header = HEADER;
    // What pg calls in the course of a query of one's own. It puts its time limit around `callback`.
    const query = {
      callback: (error?: Error | null) => (error ? reject(error) : resolve(Buffer.concat(values))),
      submit: (connection: pg.Connection) => connection.query(text),
      // Each chunk is a row, the first with the header before it, in a buffer of pg's own, which it uses again.
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
