-- When coaches can be booked. Complete from the start: a log that has such events is one that no older version of the
-- service can project any further.
create table read_model.availability (
  coach_hash_id text collate "C" primary key,
  state text not null,
  time_zone text,
  weekly jsonb,
  dates jsonb,
  revision bigint not null,
  updated_at timestamptz not null
);

create table read_model.availability_history (
  coach_hash_id text collate "C" not null,
  revision bigint not null,
  type text not null,
  decided_at timestamptz not null,
  actor text,
  request_id text,
  correlation_id text,
  position bigint not null,
  time_zone text,
  weekly jsonb,
  dates jsonb,
  primary key (coach_hash_id, revision)
);

create table read_model.booking_policies (
  coach_hash_id text collate "C" primary key,
  state text not null,
  gap_before integer,
  gap_after integer,
  notice integer,
  horizon_days integer,
  grid integer,
  durations jsonb,
  max_per_day integer,
  max_per_week integer,
  allow_outside_hours boolean,
  time_zone text,
  revision bigint not null,
  updated_at timestamptz not null
);

create table read_model.time_off (
  id uuid primary key,
  coach_hash_id text collate "C" not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  first_date date,
  last_date date,
  reason text,
  source text,
  external_id text,
  created_at timestamptz,
  removed_at timestamptz,
  revision bigint not null
);

-- With the end, so that a list from a time on passes over what ended before without a look at its rows.
create index time_off_by_coach on read_model.time_off (coach_hash_id, starts_at, id, ends_at) where removed_at is null;

comment on index read_model.time_off_by_coach is 'Lists the time off of a coach.';

comment on column read_model.checkpoints.projection is
  'The name of the projection. sessions writes the tables sessions, requests, session_history, holds, series, '
  'availability, availability_history, booking_policies and time_off.';
