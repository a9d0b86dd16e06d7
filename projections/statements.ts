import pg from 'pg';
import { ArrayWriter } from '../src/postgres/binary-writer.js';
import type { Change, Changes } from './projection.js';
import { type Column, columnName, columnNames, type Table } from './table.js';

/** A statement with its parameters. */
export interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

/** The condition of changes that are always made. */
const ALWAYS: Statement = { text: 'select', values: [] };

/** How the rows of new changes get into their tables. */
export type NewRows =
  /** In a quarter less of Postgres's time; a unique violation when there is a row with the same primary key after all. */
  | 'inserted'
  /** Like all others: made again later, the changes change nothing. */
  | 'put';

/** Rows for a table, of which Postgres looks for earlier ones unless they are `inserted`. */
interface Rows {
  readonly table: Table;
  readonly sources: readonly unknown[];
  readonly how: NewRows;
}

/**
 * The one statement that makes the changes, all or none, and returns a row if it does. It locks the tables in the order
 * of `inLockOrder`, and then what the condition locks.
 * @param condition a query that returns a row if the changes are to be made, and none if not
 */
export function putChanges(
  changes: Changes,
  tableName: (name: string) => string,
  newRows: NewRows,
  condition: Statement = ALWAYS,
): Statement {
  const rows = inLockOrder([...changes.keys()]).flatMap((table) => rowsOf(table, changes.get(table)!, newRows));
  const values = new ArrayWriter();
  for (const { table, sources } of rows) writeColumns(table, sources, values);
  return {
    text: textOf(rows, tableName, condition),
    values: [...condition.values, ...values.end()],
  };
}

/** Whether Postgres refused a row since there is one with the same primary key. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '23505';
}

/** The order in which every transaction locks tables, so that none waits for another in a circle. */
export function inLockOrder(tables: readonly Table[]): Table[] {
  return tables.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function textOf(rows: readonly Rows[], tableName: (name: string) => string, condition: Statement): string {
  let parameters = condition.values.length;
  const puts = rows.map(({ table, how }) => {
    const columns = Object.values<Column<never>>(table.columns).map(({ type }) => {
      parameters += 1;
      return `unnest($${parameters}::${type.name}[])`;
    });
    return `,
      ${how}_${table.name} as (
        insert into ${tableName(table.name)} as present (${columnNames(table)})
        select ${columns} from due
        ${how === 'put' ? `on conflict ${resolution(table)}` : ''}
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

function rowsOf(table: Table, changes: readonly Change[], newRows: NewRows): Rows[] {
  const isInserted = ({ isNew }: Change) => isNew && newRows === 'inserted';
  const kept = changes.every(isInserted) ? changes : oneOfEachKey(table, changes);
  const rows: Rows[] = [
    { table, sources: kept.filter(isInserted).map(sourceOf), how: 'inserted' },
    { table, sources: kept.filter((change) => !isInserted(change)).map(sourceOf), how: 'put' },
  ];
  return rows.filter(({ sources }) => sources.length > 0);
}

function sourceOf({ source }: Change): unknown {
  return source;
}

function resolution(table: Table): string {
  return table.keep === 'latest' ? `(${keyNames(table)}) do update set ${replaceOlder(table)}` : 'do nothing';
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

/** The change of each key that stays, new if the first one is: a statement may touch a row only once. */
function oneOfEachKey({ columns, key, keep }: Table, changes: readonly Change[]): readonly Change[] {
  const keyColumns = key.map((field) => columns[field]!);
  const kept = new Map<string, Change>();
  for (const change of changes) {
    // No text has U+0000 in it.
    const keyOfRow = keyColumns.map(({ of }) => of(change.source as never)).join('\0');
    const before = kept.get(keyOfRow);
    if (!before) kept.set(keyOfRow, change);
    else if (keep === 'latest') kept.set(keyOfRow, { ...change, isNew: before.isNew });
  }
  return [...kept.values()];
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
