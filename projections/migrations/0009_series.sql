create table read_model.series (
  id uuid primary key,
  coach_hash_id text collate "C" not null,
  client_hash_id text collate "C" not null,
  local_start text not null,
  time_zone text not null,
  duration integer not null,
  recurrence text not null,
  disambiguation text not null,
  scheduled_at timestamptz not null,
  revision bigint not null
);

comment on table read_model.series is
  'Every series ever booked, one row each, as it was booked. What has become of its sessions is in sessions.';
comment on column read_model.series.id is 'The series, a UUIDv7.';
comment on column read_model.series.coach_hash_id is 'The coach.';
comment on column read_model.series.client_hash_id is 'The client.';
comment on column read_model.series.local_start is 'When the first occurrence begins, as wall time: 2026-03-02T09:30:00.';
comment on column read_model.series.time_zone is 'The IANA zone of the wall time.';
comment on column read_model.series.duration is 'How long each occurrence lasts, in whole minutes, 1 to 1440.';
comment on column read_model.series.recurrence is
  'When it recurs: an RRULE of RFC 5545 without its name, such as FREQ=WEEKLY;COUNT=10.';
comment on column read_model.series.disambiguation is
  'The rule for wall times that do not exist or come twice. compatible: one that does not exist is moved later by as '
  'much as clocks are put forward, of one that comes twice the first is meant.';
comment on column read_model.series.scheduled_at is 'When the booking was decided, by the clock of the service.';
comment on column read_model.series.revision is 'The place of the booking in the stream of the coach, from 0.';
