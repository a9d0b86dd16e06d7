import type { RecordedEvent, StreamFilter } from '../src/event-store/event-store.js';

/**
 * Tables of the read model that are kept up to date together: one transaction brings all of them to the same position
 * of the log.
 */
export interface Projection {
  /** Its name in `read_model.checkpoints`. */
  readonly name: string;
  /** The streams whose events concern it. */
  readonly streams: StreamFilter;
  /** No other projection writes them. */
  readonly tables: readonly Table<unknown>[];
}

/**
 * A table of the schema `read_model`, made from events and nothing else. Pure: what an event means is decided without
 * looking at the table, so that a live run and a rebuild write the same rows.
 */
export interface Table<Change> {
  readonly name: string;
  /** What an event changes. Throws for an event that this version cannot read: none is ever skipped. */
  changesOf(event: RecordedEvent): readonly Change[];
  /**
   * The one statement that makes the changes, at least one and in order of their events. Making them again later
   * changes nothing.
   * @param table the qualified name of a table with the same columns: a rebuild writes another one
   */
  write(changes: readonly Change[], table: string): Statement;
}

/** A statement with its parameters. */
export interface Statement {
  /** Under which Postgres keeps its plan; the same name always goes with the same text. */
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** What events change: for each table concerned, in order of the events. */
export type Changes = ReadonlyMap<Table<unknown>, readonly unknown[]>;

/** The statements that make the changes. */
export function statementsFor(changes: Changes, tableName: (name: string) => string): Statement[] {
  return [...changes].map(([table, ofTable]) => table.write(ofTable, tableName(table.name)));
}

/** The table that serves the readers. */
export function liveTable(name: string): string {
  return `read_model.${name}`;
}

/** The table that a rebuild fills; see migrations/0004_rebuild.sql. */
export function rebuiltTable(name: string): string {
  return `read_model.${name}_rebuild`;
}
