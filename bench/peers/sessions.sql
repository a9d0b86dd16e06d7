-- The peers' table. The indexes are those of the service's read model, which serve the same lists.
create extension if not exists btree_gist;

create table if not exists sessions (
  id uuid primary key,
  coach_hash_id text collate "C" not null,
  client_hash_id text collate "C" not null,
  start timestamptz not null,
  duration integer not null,
  state text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index if not exists sessions_by_coach on sessions (coach_hash_id, start, id);
create index if not exists sessions_by_client on sessions (client_hash_id, start, id);
create index if not exists sessions_by_start on sessions (start, id);
