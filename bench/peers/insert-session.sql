-- Values: id, coach, client, start, minutes, now, end.
insert into sessions
  (id, coach_hash_id, client_hash_id, start, duration, state, created_at, updated_at, during)
values ($1, $2, $3, $4, $5, 'scheduled', $6, $6, tstzrange($4, $7))
