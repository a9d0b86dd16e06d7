-- Snapshots are made anew: the events are read until then.
drop table read_model.snapshot_parts;
drop table read_model.snapshots;

create table read_model.snapshots (
  id bigint generated always as identity primary key,
  stream text collate "C" not null,
  revision bigint not null,
  event_id uuid not null,
  position bigint not null,
  form integer not null,
  manifest bytea not null,
  replaced uuid[] not null,
  saved_at timestamptz not null default now(),
  unique (stream, form)
);

comment on table read_model.snapshots is
  'What coaches with thousands of events were at one of them, so that not all must be read after a start. Written by '
  'the service. It may be emptied at any time: the events are read then.';
comment on column read_model.snapshots.id is
  'The snapshots of a coach that follow each other have the same id, and share segments.';
comment on column read_model.snapshots.stream is 'The stream of the coach: coach-<coach_hash_id>.';
comment on column read_model.snapshots.revision is
  'The place in the stream, from 0, of the event that the snapshot was made at. It has that event and all before it.';
comment on column read_model.snapshots.event_id is
  'The id of that event. A snapshot counts only if the log has this event at this place.';
comment on column read_model.snapshots.position is 'The place of that event in the log.';
comment on column read_model.snapshots.form is
  'What the bytes mean. A release of the service that packs them in another way ignores the row, and deletes it when its '
  'own form is a later one.';
comment on column read_model.snapshots.manifest is 'The ids of the first segments, and what is in none, packed.';
comment on column read_model.snapshots.replaced is
  'Segments that the snapshot before had and this one has not. The next one deletes them.';
comment on column read_model.snapshots.saved_at is 'When the snapshot was saved, by the clock of the database.';
comment on index read_model.snapshots_stream_form_key is 'Finds the snapshot of a stream.';

create table read_model.snapshot_segments (
  snapshot bigint not null references read_model.snapshots on delete cascade,
  id uuid not null,
  bytes bytea not null,
  primary key (snapshot, id)
);

-- They are packed already: to compress them takes longer than to write them.
alter table read_model.snapshot_segments alter column bytes set storage external;

comment on table read_model.snapshot_segments is
  'The sessions, series and holds of the snapshots, packed, a hundred or so in each segment. A segment is written once; '
  'when what it has changes, another one takes its place.';
comment on column read_model.snapshot_segments.snapshot is 'The snapshot. It takes its segments with it.';
comment on column read_model.snapshot_segments.id is 'Made from the bytes, so that damaged ones are noticed.';
comment on column read_model.snapshot_segments.bytes is 'Items, or the ids of further segments.';
