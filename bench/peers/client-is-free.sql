-- Postgres refuses a session that overlaps another one of its client.
alter table sessions
  add constraint client_is_free exclude using gist (client_hash_id with =, during with &&);
