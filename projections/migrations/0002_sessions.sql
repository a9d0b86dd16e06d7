create table read_model.sessions (
  id uuid primary key,
  coach_hash_id text collate "C" not null,
  client_hash_id text collate "C" not null,
  start timestamptz not null,
  duration integer not null,
  state text not null,
  revision bigint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

-- One for each way to list, in the order of the list: a page is one short scan.
create index sessions_by_coach on read_model.sessions (coach_hash_id, start, id);
create index sessions_by_client on read_model.sessions (client_hash_id, start, id);
create index sessions_by_start on read_model.sessions (start, id);

comment on table read_model.sessions is 'Every session ever booked, one row each, as it is now.';
comment on column read_model.sessions.id is 'The session, a UUIDv7. It stays the same for life.';
comment on column read_model.sessions.coach_hash_id is 'The coach.';
comment on column read_model.sessions.client_hash_id is 'The client.';
comment on column read_model.sessions.start is 'When the session begins.';
comment on column read_model.sessions.duration is
  'How long it lasts, in whole minutes, 1 to 1440. It ends right before start + duration * interval ''1 minute''.';
comment on column read_model.sessions.state is 'scheduled: the session is to take place.';
comment on column read_model.sessions.revision is
  'The place, in the stream of the coach, of the last event that changed this row; from 0. It grows with every change.';
comment on column read_model.sessions.created_at is 'When the booking was decided, by the clock of the service.';
comment on column read_model.sessions.updated_at is 'When the last change was decided, by the clock of the service.';
comment on index read_model.sessions_by_coach is 'Lists the sessions of a coach.';
comment on index read_model.sessions_by_client is 'Lists the sessions of a client.';
comment on index read_model.sessions_by_start is 'Lists the sessions of all.';
