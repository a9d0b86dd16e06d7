create table read_model.snapshots (
  id bigint generated always as identity primary key,
  stream text collate "C" not null,
  revision bigint not null,
  event_id uuid not null,
  position bigint not null,
  form integer not null,
  saved_at timestamptz not null default now()
);

create index snapshots_by_stream on read_model.snapshots (stream, id);

comment on table read_model.snapshots is
  'What coaches with thousands of events were at one of them, so that not all must be read after a start. Written by '
  'the service. It may be emptied at any time: the events are read then.';
comment on column read_model.snapshots.id is 'Grows with every snapshot.';
comment on column read_model.snapshots.stream is
  'The stream of the coach: coach-<coach_hash_id>. Of several snapshots the last one counts.';
comment on column read_model.snapshots.revision is
  'The place in the stream, from 0, of the event that the snapshot was made at. It has that event and all before it.';
comment on column read_model.snapshots.event_id is
  'The id of that event. A snapshot counts only if the log has this event at this place.';
comment on column read_model.snapshots.position is 'The place of that event in the log.';
comment on column read_model.snapshots.form is
  'What the bytes mean. A release of the service that packs them in another way ignores the row, and replaces it.';
comment on column read_model.snapshots.saved_at is 'When the snapshot was saved, by the clock of the database.';
comment on index read_model.snapshots_by_stream is 'Finds the last snapshot of a stream.';

create table read_model.snapshot_parts (
  snapshot bigint not null references read_model.snapshots on delete cascade,
  nr integer not null,
  bytes bytea not null,
  primary key (snapshot, nr)
);

-- They are packed already: to compress them takes longer than to write them.
alter table read_model.snapshot_parts alter column bytes set storage external;

comment on table read_model.snapshot_parts is
  'The sessions, series and holds of a snapshot, packed. In parts: Postgres sends one while it reads the next.';
comment on column read_model.snapshot_parts.snapshot is 'The snapshot. It takes its parts with it.';
comment on column read_model.snapshot_parts.nr is 'The place of the part among those of the snapshot, from 0.';
comment on column read_model.snapshot_parts.bytes is 'The part.';
