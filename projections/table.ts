import type { Column } from './columns.js';

/**
 * A table of the schema `read_model`. All that writes it, for the live run and for a rebuild, is made from this. What
 * its columns mean is told in the migration that creates it.
 */
export interface Table<Columns extends AnyColumns = AnyColumns, Key extends string = string> {
  readonly name: string;
  /** The fields that tell its rows apart: the primary key. Rows with the same key come from the same stream. */
  readonly key: readonly Key[];
  /** Which of several rows with the same key stays: the one with the lowest revision, or the one with the highest. */
  readonly keep: 'first' | 'latest';
  /** By the field of a row. In the database `coachHashId` is `coach_hash_id`. */
  readonly columns: Columns;
}

/** Every table tells by which event a row is as it is: the place of the event in its stream. */
interface AnyColumns {
  readonly [field: string]: Column<never>;
  readonly revision: Column<bigint>;
}

/** A row of a table. */
export type RowOf<T extends Table> = {
  readonly [Field in keyof T['columns']]: T['columns'][Field] extends Column<infer Value> ? Value : never;
};

/** A row of whichever table. */
export type AnyRow = Readonly<Record<string, unknown>>;

/** Describes a table. */
export function defineTable<Columns extends AnyColumns, Key extends keyof Columns & string>(
  table: Table<Columns, Key>,
): Table<Columns, Key> {
  return table;
}

/** The name of a field's column. */
export function columnName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
