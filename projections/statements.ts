import type { Changes } from './projection.js';
import { type AnyRow, columnName, type Table } from './table.js';

/** A statement with its parameters. */
export interface Statement {
  /** Under which Postgres keeps its plan; the same name always goes with the same text. */
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** The statements that make the changes. Made again later, they change nothing. */
export function statementsFor(changes: Changes, tableName: (name: string) => string): Statement[] {
  return [...changes].map(([table, rows]) => putRows(table, rows, tableName(table.name)));
}

function putRows(table: Table, rows: readonly AnyRow[], into: string): Statement {
  const { columns, key, keep } = table;
  const fields = Object.keys(columns);
  const parameters = fields.map((field, nr) => `$${nr + 1}::${columns[field]!.type}[]`);
  const put = keep === 'latest' ? lastOfEach(key, rows) : rows;
  return {
    name: `put ${into}`,
    text: `
      insert into ${into} as present (${fields.map(columnName)})
      select * from unnest(${parameters})
      on conflict ${keep === 'latest' ? `(${key.map(columnName)}) do update set ${replaced(table)}` : 'do nothing'}`,
    values: fields.map((field) => put.map((row) => columns[field]!.toParameter(row[field] as never))),
  };
}

function replaced({ columns, key }: Table): string {
  const names = Object.keys(columns)
    .filter((field) => !key.includes(field))
    .map(columnName);
  return `${names.map((name) => `${name} = excluded.${name}`)} where present.revision < excluded.revision`;
}

/** The last row of each key: a statement may touch a row once only. */
function lastOfEach(key: readonly string[], rows: readonly AnyRow[]): AnyRow[] {
  // No text has U+0000 in it.
  return [...new Map(rows.map((row) => [key.map((field) => row[field]).join('\0'), row])).values()];
}

/**
 * The statement that removes all but one row of each key, from a table that may have many. See `keep`.
 * @param from the qualified name of the table
 */
export function removeOthers({ key, keep }: Table, from: string): string {
  const columns = key.map(columnName);
  return `
    delete from ${from} as other
    using (
      select ${columns}, ${keep === 'latest' ? 'max' : 'min'}(revision) as revision
      from ${from} group by ${columns} having count(*) > 1
    ) as kept
    where ${columns.map((column) => `other.${column} = kept.${column}`).join(' and ')}
      and other.revision <> kept.revision`;
}
