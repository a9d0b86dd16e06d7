import type pg from 'pg';
import { createBinaryWriter } from './binary-writer.js';
import { type AnyRow, columnName, type Table } from './table.js';

/**
 * Adds rows to a table, all or none. It takes Postgres a fraction of the time of an insert, but a row whose key is there
 * fails it, if the table has a primary key. Throws what Postgres throws.
 * @param into the qualified name of the table
 */
export function copyRows(client: pg.Client, table: Table, rows: readonly AnyRow[], into: string): Promise<void> {
  const columns = Object.keys(table.columns).map(columnName);
  return copyIn(client, `copy ${into} (${columns}) from stdin with (format binary)`, toBinary(table, rows));
}

function toBinary(table: Table, rows: readonly AnyRow[]): Buffer {
  const writer = createBinaryWriter();
  const columns = Object.entries(table.columns);
  for (const row of rows) {
    writer.beginRow(columns.length);
    for (const [field, column] of columns) column.toBinary(row[field] as never, writer);
  }
  return writer.end();
}

/** The part of pg's connection that its types leave out. */
interface CopyConnection extends pg.Connection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Runs a COPY ... FROM STDIN with all of its data. */
function copyIn(client: pg.Client, text: string, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    // What pg calls in the course of a query of one's own. It puts its time limit around `callback`.
    const query = {
      callback: (error?: Error | null) => (error ? reject(error) : resolve()),
      submit: (connection: pg.Connection) => connection.query(text),
      handleCopyInResponse(connection: CopyConnection) {
        connection.sendCopyFromChunk(data);
        connection.endCopyFrom();
      },
      handleCommandComplete() {},
      handleReadyForQuery: () => query.callback(),
      handleError: (error: Error) => query.callback(error),
    };
    client.query(query);
  });
}
