import pg from 'pg';
import { migrate } from '../src/postgres/migrate.js';
import { connectionSettings } from '../src/postgres/pool.js';
import { sessions } from './sessions-projection.js';
import { columnName, type Table } from './table.js';

const CONNECT_TIMEOUT = 3_000;

/** Milliseconds that a statement may take and wait, for another process that sets comments or swaps tables. */
const STATEMENT_TIMEOUT = 60_000;

/**
 * Creates the schema `read_model`, or brings it up to date, and sets the comments on the tables. Processes that start
 * together take turns. Throws what Postgres throws, also when Postgres is unavailable.
 */
export async function migrateReadModel(url: string): Promise<void> {
  await migrate(url, 'read_model', new URL('./migrations/', import.meta.url));
  await setComments(url, sessions.tables);
}

/**
 * Makes the comments on tables and their columns those of the lists, all or none. Leaves out a table or column that the
 * database does not have, because a newer version of the service has dropped it, and a table of another owner.
 */
async function setComments(url: string, tables: readonly Table[]): Promise<void> {
  const client = new pg.Client(connectionSettings(url, 'comment read_model', CONNECT_TIMEOUT, STATEMENT_TIMEOUT));
  // The statement under way rejects too; without a listener the event would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ statement: string }>(COMMENTS_THAT_DIFFER, columnsOfComments(tables));
    // One query is one transaction. It locks the tables in the same order in every process.
    if (rows.length > 0) await client.query(rows.map(({ statement }) => statement).join(';'));
  } finally {
    await client.end();
  }
}

/** Table names, column names and comments, as three parameters; the column name of a table's own comment is null. */
function columnsOfComments(tables: readonly Table[]): [string[], (string | null)[], string[]] {
  const comments = tables.flatMap((table) => [
    { table: table.name, column: null, comment: table.comment },
    ...Object.entries(table.columns).map(([key, { comment }]) => {
      return { table: table.name, column: columnName(table, key), comment };
    }),
  ]);
  return [
    comments.map(({ table }) => table),
    comments.map(({ column }) => column),
    comments.map(({ comment }) => comment),
  ];
}

/** The statements that set the comments which differ from the given ones. */
const COMMENTS_THAT_DIFFER = `
  select case
    when name is null then format('comment on table read_model.%I is %L', relname, wanted)
    else format('comment on column read_model.%I.%I is %L', relname, name, wanted)
  end as statement
  from unnest($1::text[], $2::text[], $3::text[]) with ordinality as comments (relation, name, wanted, place)
  join pg_class on relname = relation and relnamespace = 'read_model'::regnamespace
  left join pg_attribute on attrelid = pg_class.oid and attname = name and not attisdropped
  where (name is null or attnum is not null)
    -- A role that only reads and writes the tables may not comment on them.
    and pg_has_role(relowner, 'usage')
    -- Column 0 stands for the table itself.
    and wanted is distinct from col_description(pg_class.oid, coalesce(attnum, 0))
  order by place`;
