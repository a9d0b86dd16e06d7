import type { RecordedEvent, StreamFilter } from '../src/event-store/event-store.js';
import type { Table } from './table.js';

/** Tables that are kept up to date together: one transaction brings all of them to the same position of the log. */
export interface Projection {
  /** Its name in `read_model.checkpoints`. */
  readonly name: string;
  /**
   * To be raised when rows that older versions of the service wrote are not enough any more: the tables are rebuilt
   * then, and serve meanwhile.
   */
  readonly version: number;
  /** The streams whose events concern it. */
  readonly streams: StreamFilter;
  /** No other projection writes them. */
  readonly tables: readonly Table[];
  /**
   * What an event changes. Pure: it does not look at the tables, so that a live run and a rebuild write the same rows.
   * Throws for an event that this version cannot read: none is ever skipped.
   */
  changesOf(event: RecordedEvent): readonly Change[];
}

/** What an event leaves for a table: the table's columns make a row of it. The table says which row of a key stays. */
export interface Change {
  readonly table: Table;
  readonly source: unknown;
  /** Whether no event before left a row with the same primary key. */
  readonly isNew: boolean;
}

/** The change that gives a table the row of the source. */
export function put<Source>(table: Table<Source>, source: Source): Change {
  return { table, source, isNew: false };
}

/** The change that gives a table the first row with its primary key. */
export function add<Source>(table: Table<Source>, source: Source): Change {
  return { table, source, isNew: true };
}

/** What events change: the changes of each table concerned, in order of the events. */
export type Changes = ReadonlyMap<Table, readonly Change[]>;

/** The table that serves readers. */
export function liveTable(name: string): string {
  return `read_model.${name}`;
}

/** The table that a rebuild fills; see migrations/0004_rebuild.sql. */
export function rebuiltTable(name: string): string {
  return `read_model.${name}_rebuild`;
}
