-- Not part of the read model: a rebuild leaves what is here, and it may be there already; see 0018_feeds.sql.
create schema if not exists calendars;
comment on schema calendars is
  'Calendars elsewhere that the service fetches, whose URLs are secrets, and links to those that it shows. Written by the service.';

create table if not exists calendars.links (
  id uuid primary key,
  coach_hash_id text collate "C",
  client_hash_id text collate "C",
  description text not null,
  digest text collate "C" not null unique,
  created_at timestamptz not null,
  used_at timestamptz,
  check (num_nonnulls(coach_hash_id, client_hash_id) = 1)
);

create index if not exists links_of_coach on calendars.links (coach_hash_id, id) where coach_hash_id is not null;
create index if not exists links_of_client on calendars.links (client_hash_id, id) where client_hash_id is not null;

comment on table calendars.links is
  'Secret links to the calendars of coaches and clients, at most 20 for each. A link that is revoked has no row.';
comment on column calendars.links.id is 'The id, a UUIDv7: ids are in order of time. It is no secret.';
comment on column calendars.links.coach_hash_id is 'The coach whose calendar it opens. Null: it is a client''s.';
comment on column calendars.links.client_hash_id is 'The client whose calendar it opens. Null: it is a coach''s.';
comment on column calendars.links.description is 'What the link is for, in words.';
comment on column calendars.links.digest is
  'sha256: and the SHA-256 of the key, in hexadecimal. The key itself is nowhere: it cannot be had from its digest.';
comment on column calendars.links.created_at is 'When the link was created, by the clock of the service.';
comment on column calendars.links.used_at is
  'When it was used last, by the clock of the service: noted once an hour. Null: never.';
