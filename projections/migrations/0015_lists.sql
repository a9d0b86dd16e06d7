-- For the lists of series, of holds, and of sessions that changed after a time.

-- In the order in which the projection locks them, so that none waits for the other in a circle.
lock table read_model.holds in share mode;
lock table read_model.series in access exclusive mode;
lock table read_model.sessions in share mode;

-- Null in the rows of older versions of the service.
alter table read_model.series add skipped jsonb;

create index holds_by_coach on read_model.holds (coach_hash_id, start, id);
create index holds_by_client on read_model.holds (client_hash_id, start, id);
create index holds_by_start on read_model.holds (start, id);

create index series_by_coach on read_model.series (coach_hash_id, scheduled_at, id);
create index series_by_client on read_model.series (client_hash_id, scheduled_at, id);
create index series_by_booking on read_model.series (scheduled_at, id);

-- A booking pays 1 to 2 µs of Postgres's time for it: new entries come at the end.
create index sessions_by_change on read_model.sessions (updated_at, id);

comment on index read_model.holds_by_coach is 'Lists the holds of a coach.';
comment on index read_model.holds_by_client is 'Lists the holds for a client.';
comment on index read_model.holds_by_start is 'Lists the holds of all.';
comment on index read_model.series_by_coach is 'Lists the series of a coach.';
comment on index read_model.series_by_client is 'Lists the series of a client.';
comment on index read_model.series_by_booking is 'Lists the series of all.';
comment on index read_model.sessions_by_change is 'Lists the sessions of all that changed after a time.';

comment on column read_model.checkpoints.version_position is
  'Up to where that version, or a newer one, has made all of the tables. Another one than position: an older version has '
  'written since, and the tables may lack what it does not know. They serve, and are made anew meanwhile; what it does '
  'not know waits.';
