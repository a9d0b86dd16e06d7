comment on schema read_model is
  'Answers, made from the event log by projections. Everything here can be made again from the log.';

create table read_model.checkpoints (
  projection text primary key,
  position bigint not null,
  updated_at timestamptz not null default now()
);

comment on table read_model.checkpoints is
  'How far each projection has come. A row moves in the transaction that writes the projection''s tables: they agree.';
comment on column read_model.checkpoints.projection is
  'The name of the projection. sessions writes the tables sessions and requests.';
comment on column read_model.checkpoints.position is
  'The tables have every event of the log at or before this position. 0: none yet.';
comment on column read_model.checkpoints.updated_at is
  'When the position last moved. While no event concerns the projection, it moves about once a second at most.';
