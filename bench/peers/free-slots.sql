-- The free slots of some coaches, as a team would ask for them: each start on the grid of their hours, minus busy time.
-- $1: ids of coaches, $2 and $3: from and to, $4: minutes, $5: the most slots.
select hours.coach_hash_id, slot.start
from coach_hours hours
cross join lateral generate_series(
  date_trunc('day', $2::timestamptz at time zone hours.time_zone) - interval '1 day',
  $3::timestamptz at time zone hours.time_zone,
  interval '1 day'
) day
cross join lateral generate_series(
  (day + hours.opens) at time zone hours.time_zone,
  (day + hours.closes) at time zone hours.time_zone - make_interval(mins => $4),
  interval '15 minutes'
) slot (start)
where hours.coach_hash_id = any($1::text[])
  and hours.weekday = extract(isodow from day)
  and slot.start >= $2
  and slot.start + make_interval(mins => $4) <= $3
  and not exists (
    select from read_model.sessions busy
    where busy.coach_hash_id = hours.coach_hash_id
      and busy.state <> 'cancelled'
      and busy.start < slot.start + make_interval(mins => $4)
      -- No session is longer than a day.
      and busy.start > slot.start - interval '1 day'
      and busy.start + busy.duration * interval '1 minute' > slot.start
  )
order by slot.start, hours.coach_hash_id
limit $5
