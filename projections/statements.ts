import type { Changes } from './projection.js';
import { type Column, columnName, columnNames, type Table } from './table.js';

/** A statement with its parameters. */
export interface Statement {
  /** Postgres keeps its plan under this name: the same name always goes with the same text. */
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** The statements that make the changes, one for each table. Made again later, they change nothing. */
export function statementsFor(changes: Changes, tableName: (name: string) => string): Statement[] {
  return [...changes].map(([table, sources]) => putRows(table, sources, tableName(table.name)));
}

function putRows(table: Table, sources: readonly unknown[], into: string): Statement {
  const { key, keep } = table;
  const columns = Object.values<Column<never>>(table.columns);
  const parameters = columns.map(({ type }, nr) => `$${nr + 1}::${type.name}[]`);
  const kept = keep === 'latest' ? lastOfEachKey(table, sources) : sources;
  const names = key.map((field) => columnName(table, field));
  return {
    name: `put ${into}`,
    text: `
      insert into ${into} as present (${columnNames(table)})
      select * from unnest(${parameters})
      on conflict ${keep === 'latest' ? `(${names}) do update set ${replaceOlder(table)}` : 'do nothing'}`,
    values: columns.map((column) => valuesOf(column, kept)),
  };
}

function valuesOf({ type, of }: Column<never>, sources: readonly unknown[]): unknown[] {
  return sources.map((source) => type.toParameter(of(source as never) as never));
}

function replaceOlder(table: Table): string {
  const names = Object.keys(table.columns)
    .filter((field) => !table.key.includes(field))
    .map((field) => columnName(table, field));
  return `${names.map((name) => `${name} = excluded.${name}`)} where present.revision < excluded.revision`;
}

/** The last source of each key: a statement may touch a row only once. */
function lastOfEachKey({ columns, key }: Table, sources: readonly unknown[]): unknown[] {
  const keyColumns = key.map((field) => columns[field]!);
  // No text has U+0000 in it.
  const keyOf = (source: unknown) => keyColumns.map(({ of }) => of(source as never)).join('\0');
  return [...new Map(sources.map((source) => [keyOf(source), source])).values()];
}

/**
 * The statement that leaves one row of each key, the one that `keep` names, in a table that may have several.
 * @param from the qualified name of the table
 */
export function removeOthers(table: Table, from: string): string {
  const columns = table.key.map((field) => columnName(table, field));
  return `
    delete from ${from} as other
    using (
      select ${columns}, ${table.keep === 'latest' ? 'max' : 'min'}(revision) as revision
      from ${from} group by ${columns} having count(*) > 1
    ) as kept
    where ${columns.map((column) => `other.${column} = kept.${column}`).join(' and ')}
      and other.revision <> kept.revision`;
}
