create table event_store.events (
  position bigint primary key,
  stream text collate "C" not null,
  revision bigint not null,
  id uuid not null,
  type text not null,
  data jsonb not null,
  metadata jsonb not null,
  recorded_at timestamptz not null default clock_timestamp(),
  unique (stream, revision)
);

comment on table event_store.events is
  'Every event, in the order in which they became visible. Rows are added by event_store.append only, and never change.';
comment on column event_store.events.position is
  'Place in the whole log, from 1 without gaps. A row is visible only when all rows before it are: a reader that has seen n needs position > n.';
comment on column event_store.events.stream is 'What the event belongs to, such as coach-<coach_hash_id>.';
comment on column event_store.events.revision is 'Place in the stream, from 0 without gaps.';
comment on column event_store.events.id is 'Chosen by the writer. The same id at the same revision is the same event sent again.';
comment on column event_store.events.type is 'Full name of the protobuf message in data. It carries a version.';
comment on column event_store.events.data is 'The event, in protobuf JSON.';
comment on column event_store.events.metadata is 'Who did it, and in the course of what. Protobuf JSON.';
comment on column event_store.events.recorded_at is 'When the row was written, by the clock of the database.';

create function event_store.append(appends json, events json) returns table (revision bigint, "position" bigint)
language plpgsql as $$
begin
  -- Held until commit, so that the order of commits is the order of positions.
  perform pg_advisory_xact_lock(4100519002);

  -- A new statement sees what the last holder of the lock committed; the one that waited does not.
  return query
  with sent as materialized (
    select s.*
    from json_to_recordset(append.events)
      as s(append bigint, nr int, id uuid, type text, data jsonb, metadata jsonb)
  ),
  tried as materialized (
    select a.nr, a.stream, a.size, head.revision as actual,
      -- The revision that the events were to follow. For an append to any revision: where they stand already, or the head.
      coalesce(
        a.expected,
        (
          select max(e.revision) - 1
          from event_store.events e
          where e.stream = a.stream and e.revision > head.revision - 1000
            and e.id = (select s.id from sent s where s.append = a.nr and s.nr = 1)
        ),
        head.revision
      ) as base
    from rows from (json_to_recordset(append.appends) as (stream text, expected bigint, size int))
      with ordinality as a(stream, expected, size, nr)
    cross join lateral (
      select coalesce(max(e.revision), -1) as revision from event_store.events e where e.stream = a.stream
    ) head
  ),
  won as materialized (
    select t.nr, t.stream, t.actual, t.actual + t.size as revision,
      (select coalesce(max(e.position), 0) from event_store.events e)
        + (sum(t.size) over (order by t.nr))::bigint as position,
      t.size
    from tried t
    where t.base = t.actual
  ),
  written as (
    insert into event_store.events (position, stream, revision, id, type, data, metadata)
    select w.position - w.size + s.nr, w.stream, w.actual + s.nr, s.id, s.type, s.data, s.metadata
    from won w
    join sent s on s.append = w.nr
  ),
  repeated as materialized (
    select t.nr, last.revision, last.position
    from tried t
    join event_store.events last on last.stream = t.stream and last.revision = t.base + t.size
    where t.base < t.actual
      and t.size = (
        select count(*)
        from sent s
        join event_store.events e on e.stream = t.stream and e.revision = t.base + s.nr and e.id = s.id
        where s.append = t.nr
      )
  )
  select coalesce(w.revision, r.revision, t.actual), coalesce(w.position, r.position)
  from tried t
  left join won w on w.nr = t.nr
  left join repeated r on r.nr = t.nr
  order by t.nr;
end
$$;

comment on function event_store.append is
  'Appends to several streams at once, each append for itself all or none; no stream may occur twice. appends: [{stream, expected, size}], '
  'expected null for any revision. events: [{append, nr, id, type, data, metadata}], append and nr counted from 1. Answers a row for each append, '
  'in their order: its last event''s revision and position, the same when sent again; or, with position null, the revision in the way.';
