-- Postgres refuses a session that overlaps another one of its coach.
alter table sessions add column during tstzrange not null,
  add constraint coach_is_free exclude using gist (coach_hash_id with =, during with &&);
