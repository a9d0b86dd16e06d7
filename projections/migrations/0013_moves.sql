-- For lists of sessions as they were: see projections/history/as-of-queries.ts. Bookings pay nothing for them: only moves
-- have entries in the first two indexes, and the others have no more entries than those that they replace.

-- In the order in which the projection locks them. To wait for sessions after the first index was made would make it
-- likely that the projection and this transaction wait for each other.
lock table read_model.session_history, read_model.sessions in share mode;

create index moves_by_coach on read_model.session_history (coach_hash_id, decided_at)
  include (revision, created_at, session_id) where type = 'SessionRescheduled';
create index moves_by_client on read_model.session_history (client_hash_id, decided_at)
  include (created_at, session_id) where type = 'SessionRescheduled';

create index sessions_by_coach_and_booking on read_model.sessions (coach_hash_id, start, id) include (created_at);
create index sessions_by_client_and_booking on read_model.sessions (client_hash_id, start, id) include (created_at);

-- Last, since readers wait from here on.
drop index read_model.sessions_by_coach, read_model.sessions_by_client;
alter index read_model.sessions_by_coach_and_booking rename to sessions_by_coach;
alter index read_model.sessions_by_client_and_booking rename to sessions_by_client;

comment on index read_model.moves_by_coach is 'Finds the sessions of a coach that were moved after a time or revision.';
comment on index read_model.moves_by_client is 'Finds the sessions of a client that were moved after a time.';
comment on index read_model.sessions_by_coach is 'Lists the sessions of a coach, also those booked by a time.';
comment on index read_model.sessions_by_client is 'Lists the sessions of a client, also those booked by a time.';
