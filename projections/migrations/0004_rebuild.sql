-- A table is made anew beside the old one, as <name>_rebuild, and then put in its place:
-- begin_rebuild, load most rows, index_rebuild, load the rest, finish_rebuild.

create function read_model.begin_rebuild(name text) returns void
language plpgsql as $$
declare
  fresh text := name || '_rebuild';
  statement text;
begin
  -- What an interrupted rebuild left.
  execute format('drop table if exists read_model.%I', fresh);
  execute format('create table read_model.%I (like read_model.%I including all excluding indexes)', fresh, name);

  for statement in
    select format(
      'alter table read_model.%I add constraint %I %s', fresh, conname || '_rebuild', pg_get_constraintdef(oid)
    )
    from pg_constraint
    where conrelid = format('read_model.%I', name)::regclass and contype in ('p', 'u', 'x')
  loop
    execute statement;
  end loop;
end
$$;

comment on function read_model.begin_rebuild is
  'Creates the empty table <name>_rebuild, with the columns and constraints of a table of the read model.';

create function read_model.index_rebuild(name text) returns void
language plpgsql as $$
declare
  fresh text := name || '_rebuild';
  statement text;
begin
  for statement in
    select unnest(array[
      format(
        'create %s index %I on read_model.%I %s', case when indisunique then 'unique' end, relname || '_rebuild', fresh,
        substring(pg_get_indexdef(indexrelid) from 'USING .*')
      ),
      format('comment on index read_model.%I is %L', relname || '_rebuild', obj_description(indexrelid, 'pg_class'))
    ])
    from pg_index join pg_class on pg_class.oid = indexrelid
    where indrelid = format('read_model.%I', name)::regclass
      and not exists (select from pg_constraint where conrelid = indrelid and conindid = indexrelid)
  loop
    execute statement;
  end loop;
  execute format('analyze read_model.%I', fresh);
end
$$;

comment on function read_model.index_rebuild is
  'Gives <name>_rebuild the indexes of the table. It is quicker when most rows are in.';

create function read_model.finish_rebuild(name text) returns void
language plpgsql as $$
declare
  fresh text := name || '_rebuild';
  old_table oid := format('read_model.%I', name)::regclass;
  new_table oid := format('read_model.%I', fresh)::regclass;
  views text[];
  statement text;
begin
  execute format('lock table read_model.%I in access exclusive mode', name);

  for statement in
    select format('alter table read_model.%I owner to %I', fresh, pg_get_userbyid(relowner))
    from pg_class where oid = old_table
    union all
    select format('alter table read_model.%I set (%s)', fresh, array_to_string(reloptions, ', '))
    from pg_class where oid = old_table and reloptions is not null
    union all
    select format('comment on table read_model.%I is %L', fresh, obj_description(old_table, 'pg_class'))
    union all
    -- What default privileges gave may be more than the old table has.
    select format('revoke all on read_model.%I from %s', fresh, read_model.role_name(grantee))
    from pg_class, aclexplode(relacl) where oid = new_table and grantee <> relowner
    union all
    select format(
      'grant %s on read_model.%I to %s %s', privilege_type, fresh, read_model.role_name(grantee),
      case when is_grantable then 'with grant option' end
    )
    from pg_class, aclexplode(relacl) where oid = old_table
    union all
    select format(
      'grant %s (%I) on read_model.%I to %s %s', privilege_type, attname, fresh, read_model.role_name(grantee),
      case when is_grantable then 'with grant option' end
    )
    from pg_attribute, aclexplode(attacl) where attrelid = old_table
  loop
    execute statement;
  end loop;

  -- A view follows the table that it was made on, not the name: it is made again.
  select array_agg(distinct format(
    'create or replace view %s %s as %s',
    view.oid::regclass, 'with (' || array_to_string(view.reloptions, ', ') || ')', pg_get_viewdef(view.oid)
  ))
  into views
  from pg_depend
  join pg_rewrite rule on rule.oid = objid
  join pg_class view on view.oid = rule.ev_class
  where classid = 'pg_rewrite'::regclass and refclassid = 'pg_class'::regclass and refobjid = old_table
    and view.relkind = 'v';

  execute format('alter table read_model.%I rename to %I', name, name || '_old');
  execute format('alter table read_model.%I rename to %I', fresh, name);
  foreach statement in array coalesce(views, '{}') loop
    execute statement;
  end loop;
  execute format('drop table read_model.%I', name || '_old');

  for statement in
    select format('alter index read_model.%I rename to %I', relname, regexp_replace(relname, '_rebuild$', ''))
    from pg_index join pg_class on pg_class.oid = indexrelid
    where indrelid = new_table
  loop
    execute statement;
  end loop;
end
$$;

comment on function read_model.finish_rebuild is
  'Puts <name>_rebuild in the place of the table, which is dropped. Names, owner, grants, comments, storage settings '
  'and the views over it stay; triggers, policies and publications do not, and what else depends on the table makes '
  'it fail. It waits for the queries that read the table, and new ones wait for it: set lock_timeout.';

create function read_model.role_name(role oid) returns text
language sql stable as $$
  select case when role = 0 then 'public' else role::regrole::text end
$$;

comment on function read_model.role_name is 'A role of an access control list, as GRANT names it.';
