import type pg from 'pg';
import { CopyWriter } from '../src/postgres/binary-writer.js';
import { type Column, columnNames, type Table } from './table.js';

/**
 * Adds the rows of the sources to a table, all or none, in a fraction of the time that inserts take. Throws what
 * Postgres throws: for a key that is there already too, if the table has a primary key.
 * @param into the qualified name of the table
 */
export function copyRows(client: pg.Client, table: Table, sources: readonly unknown[], into: string): Promise<void> {
  const text = `copy ${into} (${columnNames(table)}) from stdin with (format binary)`;
  return copyIn(client, text, toBinary(table, sources));
}

function toBinary(table: Table, sources: readonly unknown[]): Buffer {
  const writer = new CopyWriter();
  const columns = Object.values<Column<never>>(table.columns);
  for (const source of sources) {
    writer.beginRow(columns.length);
    for (const { type, of } of columns) type.toBinary(of(source as never) as never, writer);
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
    // pg calls these methods of a query that is not its own, and replaces `callback` to apply its time limit.
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
