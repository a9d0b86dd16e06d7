import { expect, onTestFinished, test } from 'vitest';
import { migrateReadModel } from '../../projections/migrate-read-model.js';
import { sessions } from '../../projections/sessions-projection.js';
import { columnName } from '../../projections/table.js';
import { testWorld, type World } from './support.js';

/** The comments on the tables of the projection and on their columns, as the lists have them. */
function listed(): Map<string, string> {
  return new Map(
    sessions.tables.flatMap((table) => [
      [table.name, table.comment] as const,
      ...Object.entries(table.columns).map(([key, { comment }]) => {
        return [`${table.name}.${columnName(table, key)}`, comment] as const;
      }),
    ]),
  );
}

/** The comments in the database on the same tables and all of their columns. */
async function inDatabase({ pool }: World): Promise<Map<string, string | null>> {
  const { rows } = await pool.query<{ name: string; comment: string | null }>(
    `select relname || coalesce('.' || attname, '') as name,
       case when attnum is null then obj_description(oid, 'pg_class') else col_description(oid, attnum) end as comment
     from pg_class
     cross join lateral (
       select attname, attnum from pg_attribute where attrelid = oid and attnum > 0 and not attisdropped
       union all select null, null
     ) named
     where relnamespace = 'read_model'::regnamespace and relname = any($1)`,
    [sessions.tables.map(({ name }) => name)],
  );
  return new Map(rows.map(({ name, comment }) => [name, comment]));
}

test('the comments in the database are those of the lists, and every column has one', async () => {
  expect(await inDatabase(await testWorld())).toEqual(listed());
});

test('only the comments that differ are set, also when several processes start together', async () => {
  const world = await testWorld();
  await world.pool.query(`
    comment on table read_model.sessions is 'It''s old.';
    comment on column read_model.holds.state is null;
    create table commented (tag text);
    create function note() returns event_trigger language plpgsql as $$
      begin insert into commented select object_identity from pg_event_trigger_ddl_commands(); end $$;
    create event trigger note on ddl_command_end when tag in ('COMMENT') execute function note()`);
  await Promise.all(Array.from({ length: 4 }, () => migrateReadModel(world.url)));
  expect(await inDatabase(world)).toEqual(listed());
  const { rows } = await world.pool.query('select distinct tag from commented order by tag');
  expect(rows.map(({ tag }) => tag)).toEqual(['read_model.holds.state', 'read_model.sessions']);
});

test('a column that a newer version has dropped is left out', async () => {
  const world = await testWorld();
  await world.pool.query('alter table read_model.holds drop column updated_at; drop table read_model.requests');
  await migrateReadModel(world.url);
  const left = [...listed()].filter(([name]) => name !== 'holds.updated_at' && !name.startsWith('requests'));
  expect(await inDatabase(world)).toEqual(new Map(left));
});

test('every table, column and index of the read model says what it is', async () => {
  const { pool } = await testWorld();
  const { rows } = await pool.query(`
    select relname, attname
    from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
    left join pg_attribute on attrelid = pg_class.oid and attnum > 0 and relkind = 'r'
    where nspname = 'read_model' and relkind in ('r', 'i')
      and relname not like 'migrations%' and relname not like '%_pkey'
      and (obj_description(pg_class.oid, 'pg_class') is null
        or (attnum is not null and col_description(pg_class.oid, attnum) is null))`);
  expect(rows).toEqual([]);
});

test('a role that does not own the tables leaves their comments', async () => {
  const world = await testWorld();
  const url = new URL(world.url);
  const role = `reader_${url.pathname.slice(1)}`;
  await world.pool.query(`
    comment on table read_model.sessions is 'It is old.';
    create role "${role}" login password 'reader';
    grant create on database "${url.pathname.slice(1)}" to "${role}";
    grant usage on schema read_model to "${role}";
    grant all on all tables in schema read_model to "${role}"`);
  onTestFinished(async () => void (await world.pool.query(`drop owned by "${role}"; drop role "${role}"`)));
  url.username = role;
  url.password = 'reader';
  await migrateReadModel(url.href);
  expect((await inDatabase(world)).get('sessions')).toBe('It is old.');
});
