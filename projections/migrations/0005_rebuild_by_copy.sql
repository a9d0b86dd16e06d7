-- A rebuild copies its rows in before the table has constraints: they are made with the indexes, from all rows at once.
-- begin_rebuild, load most rows, index_rebuild, load the rest, finish_rebuild.

create or replace function read_model.begin_rebuild(name text) returns void
language plpgsql as $$
declare
  fresh text := name || '_rebuild';
begin
  -- What an interrupted rebuild left.
  execute format('drop table if exists read_model.%I', fresh);
  execute format('create table read_model.%I (like read_model.%I including all excluding indexes)', fresh, name);
end
$$;

comment on function read_model.begin_rebuild is
  'Creates the empty table <name>_rebuild, with the columns of a table of the read model and without its keys.';

create or replace function read_model.index_rebuild(name text) returns void
language plpgsql as $$
declare
  fresh text := name || '_rebuild';
  old_table oid := format('read_model.%I', name)::regclass;
  statement text;
begin
  for statement in
    select format(
      'alter table read_model.%I add constraint %I %s', fresh, conname || '_rebuild', pg_get_constraintdef(oid)
    )
    from pg_constraint
    where conrelid = old_table and contype in ('p', 'u', 'x')
  loop
    execute statement;
  end loop;

  for statement in
    select unnest(array[
      format(
        'create %s index %I on read_model.%I %s', case when indisunique then 'unique' end, relname || '_rebuild', fresh,
        substring(pg_get_indexdef(indexrelid) from 'USING .*')
      ),
      format('comment on index read_model.%I is %L', relname || '_rebuild', obj_description(indexrelid, 'pg_class'))
    ])
    from pg_index join pg_class on pg_class.oid = indexrelid
    where indrelid = old_table
      and not exists (select from pg_constraint where conrelid = indrelid and conindid = indexrelid)
  loop
    execute statement;
  end loop;
  execute format('analyze read_model.%I', fresh);
end
$$;

comment on function read_model.index_rebuild is
  'Gives <name>_rebuild the constraints and indexes of the table. It is quicker when most rows are in. Fails, and has '
  'changed nothing, when several rows have the same key.';
