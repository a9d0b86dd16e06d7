-- The defaults are what an older version of the service means, which knows nothing of them.
alter table read_model.checkpoints
  add version integer not null default 1,
  add version_position bigint not null default 0;

comment on column read_model.checkpoints.projection is
  'The name of the projection. sessions writes the tables sessions, requests, session_history, holds and series.';
comment on column read_model.checkpoints.version is 'The version of the projection that the tables were made by.';
comment on column read_model.checkpoints.version_position is
  'Up to where that version has made all of the tables. Another one than position: another version has written since, '
  'and the tables may lack what it does not know. They serve, and are made anew meanwhile; the history waits.';
