create table read_model.snapshots (
  id bigint generated always as identity primary key,
  stream text collate "C" not null unique,
  revision bigint not null,
  event_id uuid not null,
  position bigint not null,
  form integer not null,
  saved_at timestamptz not null default now(),
  state bytea not null
);

-- It is packed already: to compress it takes longer than to write it.
alter table read_model.snapshots alter column state set storage external;

comment on table read_model.snapshots is
  'What coaches with thousands of events were at one of them, so that not all must be read after a start. Written by '
  'the service. It may be emptied at any time: the events are read then.';
comment on column read_model.snapshots.id is 'Another one for each snapshot.';
comment on column read_model.snapshots.stream is 'The stream of the coach: coach-<coach_hash_id>. It has one snapshot.';
comment on column read_model.snapshots.revision is
  'The place in the stream, from 0, of the event that the snapshot was made at. It has that event and all before it.';
comment on column read_model.snapshots.event_id is
  'The id of that event. A snapshot counts only if the log has this event at this place.';
comment on column read_model.snapshots.position is 'The place of that event in the log.';
comment on column read_model.snapshots.form is
  'The version of what state says. A release of the service that uses another one ignores the row, and replaces it.';
comment on column read_model.snapshots.saved_at is 'When the snapshot was saved, by the clock of the database.';
comment on column read_model.snapshots.state is 'The sessions, series and holds of the coach, packed.';
