import { ArrayWriter } from '../src/postgres/binary-writer.js';
import type { Changes } from './projection.js';
import { type Column, columnName, columnNames, type Table } from './table.js';

/** A statement with its parameters. */
export interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

/** Decides in the statement itself whether it makes its changes: if the query returns a row, which it may do once. */
export interface Condition extends Statement {}

const ALWAYS: Condition = { text: 'select', values: [] };

/**
 * The one statement that makes the changes, all or none, and returns a row if it does. Made again later, they change
 * nothing. It locks the tables in the order of `inLockOrder`, and then what the condition locks.
 */
export function putChanges(
  changes: Changes,
  tableName: (name: string) => string,
  condition: Condition = ALWAYS,
): Statement {
  const tables = inLockOrder([...changes.keys()]);
  const values = new ArrayWriter();
  for (const table of tables) writeColumns(table, rowsToPut(table, changes.get(table)!), values);
  return {
    text: textOf(tables, tableName, condition),
    values: [...condition.values, ...values.end()],
  };
}

/** The order in which every transaction locks tables, so that none waits for another in a circle. */
export function inLockOrder(tables: readonly Table[]): Table[] {
  return tables.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function textOf(tables: readonly Table[], tableName: (name: string) => string, condition: Condition): string {
  let parameters = condition.values.length;
  const puts = tables.map((table) => {
    const columns = Object.values<Column<never>>(table.columns).map(({ type }) => {
      parameters += 1;
      return `unnest($${parameters}::${type.name}[])`;
    });
    return `,
      put_${table.name} as (
        insert into ${tableName(table.name)} as present (${columnNames(table)})
        select ${columns} from due
        on conflict ${table.keep === 'latest' ? `(${keyNames(table)}) do update set ${replaceOlder(table)}` : 'do nothing'}
      )`;
  });
  return `with due as (${condition.text})${puts.join('')} select from due`;
}

/** An array for each column. */
function writeColumns(table: Table, sources: readonly unknown[], to: ArrayWriter): void {
  for (const { type, of } of Object.values<Column<never>>(table.columns)) {
    to.beginArray(type.oid, sources.length);
    for (const source of sources) type.toBinary(of(source as never) as never, to);
  }
}

function rowsToPut(table: Table, sources: readonly unknown[]): readonly unknown[] {
  return table.keep === 'latest' ? lastOfEachKey(table, sources) : sources;
}

function keyNames(table: Table): string[] {
  return table.key.map((field) => columnName(table, field));
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
  const columns = keyNames(table);
  return `
    delete from ${from} as other
    using (
      select ${columns}, ${table.keep === 'latest' ? 'max' : 'min'}(revision) as revision
      from ${from} group by ${columns} having count(*) > 1
    ) as kept
    where ${columns.map((column) => `other.${column} = kept.${column}`).join(' and ')}
      and other.revision <> kept.revision`;
}
