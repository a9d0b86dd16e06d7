-- event_store.append with JSON stays, for processes of the release before that run beside those of this one.
create function event_store.append(
  streams text[], revisions bigint[], nths int[], ids uuid[], types text[], datas jsonb[], metadatas jsonb[],
  out head bigint, out recorded_at float8, out misfits json, out exact bigint[]
)
language plpgsql
-- To plan for the very values takes longer than to write the rows, and gives the same plan.
set plan_cache_mode = force_generic_plan
as $$
declare
  now timestamptz;
  -- Of each append that does not fit, the place of its first event.
  unfit bigint[];
begin
  -- Held until commit, so that the order of commits is the order of positions.
  perform pg_advisory_xact_lock(4100519002);

  -- A new statement sees what the last holder of the lock committed; the one that waited does not.
  if array_position(revisions, null) is not null then
    exact := event_store.exact_revisions(streams, revisions, nths, ids);
    revisions := exact;
  end if;

  select (select coalesce(max(e.position), 0) from event_store.events e), array_agg(sent.place)
  into head, unfit
  from (
    select generate_series(1, cardinality(nths)) as place, unnest(streams) as stream, unnest(revisions) as revision,
      unnest(nths) as nth
  ) sent
  where sent.nth = 1 and sent.revision - 1 <> (
    select coalesce(max(e.revision), -1) from event_store.events e where e.stream = sent.stream
  );

  now := clock_timestamp();
  recorded_at := round(1000 * date_part('epoch', now));
  if unfit is null then
    insert into event_store.events (position, stream, revision, id, type, data, metadata, recorded_at)
    select head + generate_series(1, cardinality(nths)), unnest(streams), unnest(revisions), unnest(ids),
      unnest(types), unnest(datas), unnest(metadatas), now;
    return;
  end if;

  insert into event_store.events (position, stream, revision, id, type, data, metadata, recorded_at)
  select head + row_number() over (order by sent.place), sent.stream, sent.revision, sent.id, sent.type, sent.data,
    sent.metadata, now
  from unnest(streams, revisions, nths, ids, types, datas, metadatas) with ordinality
    as sent(stream, revision, nth, id, type, data, metadata, place)
  where sent.place - sent.nth + 1 <> all (unfit);

  select json_agg(json_build_array(append.place, append.actual, append.repeated) order by append.place)
  into misfits
  from (
    select sent.place - sent.nth + 1 as place,
      (select coalesce(max(e.revision), -1) from event_store.events e where e.stream = sent.stream) as actual,
      -- The position of the last event, if all of them are there.
      case when count(there.position) = count(*) then max(there.position) end as repeated
    from unnest(streams, revisions, nths, ids) with ordinality as sent(stream, revision, nth, id, place)
    left join lateral (
      select e.position
      from event_store.events e
      where e.stream = sent.stream and e.revision = sent.revision and e.id = sent.id
      limit 1
    ) there on true
    where sent.place - sent.nth + 1 = any (unfit)
    group by sent.place - sent.nth + 1, sent.stream
  ) append;
end
$$;

comment on function event_store.append(text[], bigint[], int[], uuid[], text[], jsonb[], jsonb[]) is
  'Appends to several streams at once, each append for itself all or none; no stream may occur twice. The arrays have '
  'an element for each event, with the events of an append side by side: its stream, the revision that it is to have '
  '(null in all of an append to any revision), its place in the append from 1, and the columns of the row. Answers the '
  'position before the first event written, and when they were written, in epoch milliseconds: the events of the '
  'appends that fit follow each other in their order. misfits, null when all fit, has an array for each other append: '
  'the place of its first event in the arrays, from 1; the revision of its stream; and, if the same events were there '
  'already, the position of the last of them, else null. exact, null unless a revision was, has what each was taken for.';

create function event_store.exact_revisions(streams text[], revisions bigint[], nths int[], ids uuid[])
returns bigint[]
language sql stable as $$
  select array_agg(
    coalesce(
      sent.revision,
      sent.nth + coalesce(
        (
          select max(e.revision) - 1
          from event_store.events e
          where e.stream = sent.stream and e.revision > head.revision - 1000
            and e.id = ids[sent.place - sent.nth + 1]
        ),
        head.revision
      )
    )
    order by sent.place
  )
  from unnest(streams, revisions, nths) with ordinality as sent(stream, revision, nth, place)
  cross join lateral (
    select coalesce(max(e.revision), -1) as revision from event_store.events e where e.stream = sent.stream
  ) head
$$;

comment on function event_store.exact_revisions is
  'The revisions of events to append, where null means any: those that the events have already, if the first of them is '
  'among the last 1000 of its stream, else the next ones.';
