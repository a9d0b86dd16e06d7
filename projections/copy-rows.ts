import type pg from 'pg';
import { CopyWriter } from '../src/postgres/binary-writer.js';
import { type Column, columnNames, type Table } from './table.js';

/** Rows for a table, kept as the bytes that COPY reads: what they are made from can be let go at once. */
export interface CopyBuffer {
  /** In bytes. */
  readonly size: number;
  /** Adds the row that the source leaves. */
  add(source: unknown): void;
  /**
   * Adds the rows to the table with this qualified name, all or none, in a fraction of the time that inserts take. The
   * transaction must have made or emptied the table. Then Postgres can write the rows as it leaves rows of the distant
   * past, and never needs to write their pages again: half of what a rebuild writes to the write-ahead log. Throws what
   * Postgres throws: for a key that is there already too, if the table has a primary key. Nothing can be added
   * afterwards.
   */
  copyTo(client: pg.Client, into: string): Promise<void>;
}

/** A buffer without rows. */
export function createCopyBuffer(table: Table): CopyBuffer {
  const writer = new CopyWriter();
  const columns = Object.values<Column<never>>(table.columns);
  return {
    get size() {
      return writer.length;
    },
    add(source) {
      writer.beginRow(columns.length);
      for (const { type, of } of columns) type.toBinary(of(source as never) as never, writer);
    },
    copyTo(client, into) {
      const text = `copy ${into} (${columnNames(table)}) from stdin with (format binary, freeze)`;
      return copyIn(client, text, writer.end());
    },
  };
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
