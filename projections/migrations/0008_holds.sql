create table read_model.holds (
  id uuid primary key,
  coach_hash_id text collate "C" not null,
  client_hash_id text collate "C" not null,
  start timestamptz not null,
  duration integer not null,
  state text not null,
  held_at timestamptz not null,
  expires_at timestamptz not null,
  revision bigint not null,
  updated_at timestamptz not null
);

comment on table read_model.holds is 'Every slot that was ever held, one row each, as it is now.';
comment on column read_model.holds.id is 'The hold, a UUIDv7. The session that it became has the same id.';
comment on column read_model.holds.coach_hash_id is 'The coach.';
comment on column read_model.holds.client_hash_id is 'The client for whom the slot was held.';
comment on column read_model.holds.start is 'When the slot begins.';
comment on column read_model.holds.duration is 'How long the slot is, in whole minutes, 1 to 1440.';
comment on column read_model.holds.state is
  'open: it was not given an end, and keeps the slot until expires_at. confirmed: it became a session. released: it was '
  'given up. expired: its time had run out when somebody else wanted the slot. Most holds whose time runs out stay open: '
  'compare expires_at.';
comment on column read_model.holds.held_at is 'When the slot was held, by the clock of the service.';
comment on column read_model.holds.expires_at is 'When it stops keeping the slot, by the clock of the service.';
comment on column read_model.holds.revision is
  'The place, in the stream of the coach, of the last event that changed this row; from 0.';
comment on column read_model.holds.updated_at is 'When the last change was decided, by the clock of the service.';
