import type { RecordedEvent, StreamFilter } from '../src/event-store/event-store.js';
import type { AnyRow, RowOf, Table } from './table.js';

/**
 * Tables of the read model that are kept up to date together: one transaction brings all of them to the same position
 * of the log.
 */
export interface Projection {
  /** Its name in `read_model.checkpoints`. */
  readonly name: string;
  /**
   * Another number when what older versions of the service wrote into the tables does not do any more: then they are
   * made anew, while they go on to serve.
   */
  readonly version: number;
  /** The streams whose events concern it. */
  readonly streams: StreamFilter;
  /** No other projection writes them. */
  readonly tables: readonly Table[];
  /**
   * What an event changes. Pure: it is decided without looking at the tables, so that a live run and a rebuild write
   * the same rows. Throws for an event that this version cannot read: none is ever skipped.
   */
  changesOf(event: RecordedEvent): readonly Change[];
}

/** A row that an event leaves, whole. What becomes of another one with the same key is told by the table. */
export interface Change {
  readonly table: Table;
  readonly row: AnyRow;
}

/** The change by which a table gets a row. */
export function put<T extends Table>(table: T, row: RowOf<T>): Change {
  return { table, row };
}

/** What events change: for each table concerned the rows, in order of the events. */
export type Changes = ReadonlyMap<Table, readonly AnyRow[]>;

/** The table that serves the readers. */
export function liveTable(name: string): string {
  return `read_model.${name}`;
}

/** The table that a rebuild fills; see migrations/0004_rebuild.sql. */
export function rebuiltTable(name: string): string {
  return `read_model.${name}_rebuild`;
}
