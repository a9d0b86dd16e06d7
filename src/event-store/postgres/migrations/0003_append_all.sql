create function event_store.append_all(
  streams text[], revisions bigint[], ids uuid[], types text[], datas jsonb[], metadatas jsonb[]
)
returns boolean
language plpgsql
set plan_cache_mode = force_generic_plan
as $$
declare
  head bigint;
begin
  -- Held until commit, so that the order of commits is the order of positions.
  perform pg_advisory_xact_lock(4100519002);

  -- A new statement sees what the last holder of the lock committed; the one that waited does not.
  if exists (
    select
    from unnest(streams, revisions) as sent(stream, revision)
    group by sent.stream
    having max(sent.revision) - min(sent.revision) + 1 <> count(*)
      or min(sent.revision) - 1 <> (
        select coalesce(max(e.revision), -1) from event_store.events e where e.stream = sent.stream
      )
  ) then
    return false;
  end if;

  select coalesce(max(e.position), 0) into head from event_store.events e;
  insert into event_store.events (position, stream, revision, id, type, data, metadata, recorded_at)
  select head + generate_series(1, cardinality(ids)), unnest(streams), unnest(revisions), unnest(ids),
    unnest(types), unnest(datas), unnest(metadatas), clock_timestamp();
  return true;
end
$$;

comment on function event_store.append_all is
  'Appends events of any streams in the order given, all or none; the events of a stream must follow its last one, in '
  'order, but need not be side by side. The arrays have an element for each event: its stream, the revision that it is '
  'to have, and the columns of the row. Answers false, and writes nothing, when a stream has another head.';
