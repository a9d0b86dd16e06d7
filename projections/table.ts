import type { ColumnType } from './column-types.js';

/**
 * A table of the schema `read_model`. This list says all about its columns: the live run, the rebuild, the queries and
 * the comments in the database are made from it. A migration creates the table.
 * @template Source what an event leaves for the table, such as a `Session`: the columns take their values from it
 */
export interface Table<Source = never> {
  readonly name: string;
  /** What a row is, for analysts: the comment on the table in the database. */
  readonly comment: string;
  /** The keys in `columns` of the primary key. Rows with the same primary key come from the same stream. */
  readonly key: readonly string[];
  /** Which of several rows with the same primary key stays: the one with the lowest or the highest revision. */
  readonly keep: 'first' | 'latest';
  readonly columns: Columns<Source>;
}

/** By their names in TypeScript. The revision is the place, in its stream, of the event that left the row. */
export type Columns<Source> = Readonly<Record<string, Column<Source>>> & { readonly revision: Column<Source> };

/** A column of a table, with values of one type. */
export type Column<Source> =
  | ColumnWith<Source, string>
  | ColumnWith<Source, string | undefined>
  | ColumnWith<Source, number>
  | ColumnWith<Source, number | undefined>
  | ColumnWith<Source, boolean | undefined>
  | ColumnWith<Source, bigint>;

interface ColumnWith<Source, Value> {
  /** The name in the database, if it is not that in TypeScript with underscores: `coach_hash_id` for `coachHashId`. */
  readonly name?: string;
  readonly type: ColumnType<Value>;
  /** What the value means, for analysts: the comment on the column in the database. */
  readonly comment: string;
  /** The value in the row that the source leaves. */
  readonly of: (source: Source) => Value;
}

/** A row of a table as a query reads it, by the names of the columns in TypeScript. */
export type RowOf<T extends Table> = {
  readonly [Key in keyof T['columns']]: ReturnType<T['columns'][Key]['of']>;
};

/**
 * The columns of a table as columns of another table.
 * @param sourceOf finds the source of the first table in the source of the other
 */
export function columnsOf<Key extends string, Inner, Outer>(
  { columns }: { readonly columns: Readonly<Record<Key, Column<Inner>>> },
  sourceOf: (source: Outer) => Inner,
): Readonly<Record<Key, Column<Outer>>> {
  const lifted = Object.entries<Column<Inner>>(columns).map(([key, column]) => {
    return [key, { ...column, of: (source: Outer) => column.of(sourceOf(source)) }];
  });
  return Object.fromEntries(lifted);
}

/** The name in the database of the column with this key. */
export function columnName({ columns }: Table, key: string): string {
  return columns[key]?.name ?? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The names in the database of all columns, in their order. */
export function columnNames(table: Table): string[] {
  return Object.keys(table.columns).map((key) => columnName(table, key));
}
