create table read_model.session_history (
  session_id uuid not null,
  revision bigint not null,
  type text not null,
  decided_at timestamptz not null,
  actor text,
  reason text,
  request_id text,
  correlation_id text,
  position bigint not null,
  coach_hash_id text collate "C" not null,
  client_hash_id text collate "C" not null,
  start timestamptz not null,
  duration integer not null,
  state text not null,
  series_id uuid,
  occurrence integer,
  local_start text,
  cancelled_by text,
  absent text,
  created_at timestamptz not null,
  primary key (session_id, revision)
);

comment on table read_model.session_history is
  'Every change of every session, one row each, the booking being the first. A row is never changed. How a session was '
  'at a time is in its row of the highest revision decided at or before that time.';
comment on column read_model.session_history.session_id is 'The session.';
comment on column read_model.session_history.revision is
  'The place of the change in the stream of the coach, from 0: it orders all changes of one coach. The highest one of a '
  'session is that in sessions.';
comment on column read_model.session_history.type is
  'What happened: SessionScheduled, SessionRescheduled, SessionCancelled, SessionCompleted, SessionMarkedNoShow or '
  'SessionOutcomeCorrected.';
comment on column read_model.session_history.decided_at is
  'When it was decided, by the clock of the service. It never goes back in the history of one session.';
comment on column read_model.session_history.actor is
  'Who asked for it, as the caller said in x-actor; nobody checked it. Null: that was not said.';
comment on column read_model.session_history.reason is 'Why. Null: that was not said.';
comment on column read_model.session_history.request_id is
  'The request_id of the command (REST: Idempotency-Key). All changes of one command have the same. Null: it had none.';
comment on column read_model.session_history.correlation_id is
  'The call that caused it, as in the logs of the service and the header x-correlation-id.';
comment on column read_model.session_history.position is
  'The place of the change in the whole log. It grows from change to change, with gaps.';
comment on column read_model.session_history.coach_hash_id is 'The coach.';
comment on column read_model.session_history.client_hash_id is 'The client.';
comment on column read_model.session_history.start is 'When the session is to begin since the change.';
comment on column read_model.session_history.duration is 'How long it is to last since the change, in whole minutes.';
comment on column read_model.session_history.state is
  'The state in which the change left it: scheduled, completed, cancelled or no_show, as in sessions.';
comment on column read_model.session_history.series_id is
  'The series that the session is an occurrence of. Null: none.';
comment on column read_model.session_history.occurrence is
  'Its place in its series, from 1. Null: it is of no series.';
comment on column read_model.session_history.local_start is
  'The wall time at which its series has it begin since the change. Null: it is of no series.';
comment on column read_model.session_history.cancelled_by is
  'Who called it off: coach, client or organization. Null: the change did not cancel it.';
comment on column read_model.session_history.absent is
  'Who did not come: coach or client. Null: the change did not make it a no-show.';
comment on column read_model.session_history.created_at is 'When the booking was decided: the same in all its rows.';
