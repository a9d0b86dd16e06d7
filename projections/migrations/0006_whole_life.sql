-- What came with changes of a session after its booking, and with series. Null for what has none.
alter table read_model.sessions
  add series_id uuid,
  add occurrence integer,
  add local_start text,
  add cancelled_by text,
  add absent text,
  add reason text;

create index sessions_by_series on read_model.sessions (series_id) where series_id is not null;

comment on column read_model.sessions.state is
  'scheduled: it is to take place. completed: it took place. cancelled: it was called off, its time is free. '
  'no_show: somebody did not come. Of all but cancelled ones, the time of coach and client is taken.';
comment on column read_model.sessions.series_id is 'The series that the session is an occurrence of. Null: none.';
comment on column read_model.sessions.occurrence is 'Its place in its series, from 1. Null: it is of no series.';
comment on column read_model.sessions.local_start is
  'The wall time at which its series has it begin, in the zone of the series: 2026-03-02T09:30:00. A session that was '
  'rescheduled by itself keeps it. Null: it is of no series.';
comment on column read_model.sessions.cancelled_by is
  'Who called it off: coach, client or organization. Null: it is not cancelled.';
comment on column read_model.sessions.absent is
  'Who did not come: coach or client. Null: it is not a no-show.';
comment on column read_model.sessions.reason is 'Why it was changed last. Null: that was not said.';
comment on index read_model.sessions_by_series is 'Finds the sessions of a series.';
