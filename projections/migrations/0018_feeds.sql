-- Not part of the read model: a rebuild leaves what is here.
-- Whoever drops the read model to have it made anew keeps this, so it may be there already.
create schema if not exists feeds;
comment on schema feeds is 'How far changes were delivered to others, and to whom. Written by the service.';

create table if not exists feeds.cursors (
  feed text collate "C" primary key,
  position bigint,
  event_id uuid,
  coach_hash_id text,
  revision bigint,
  reached bigint,
  moved_at timestamptz,
  last_error text,
  failing_since timestamptz
);

comment on table feeds.cursors is 'How far each feed has come. One row for each; a feed that never ran has none.';
comment on column feeds.cursors.feed is 'The feed: redis, kafka, or the id of a webhook.';
comment on column feeds.cursors.position is
  'The place in the log of the last change that was delivered. Null: none was. It means nothing in another log.';
comment on column feeds.cursors.event_id is 'The id of that change. It is the same in a copy of the log.';
comment on column feeds.cursors.coach_hash_id is 'The coach whose stream has that change.';
comment on column feeds.cursors.revision is 'The place of that change in the stream, from 0. It is the same in a copy of the log.';
comment on column feeds.cursors.reached is
  'Everything up to this place in the log was delivered; what comes after the last change concerns nobody outside.';
comment on column feeds.cursors.moved_at is 'When the cursor moved last, by the clock of the database.';
comment on column feeds.cursors.last_error is 'Why the last attempt to deliver failed. Null: it succeeded.';
comment on column feeds.cursors.failing_since is 'Since when attempts have failed, by the clock of the database. Null: the last one succeeded.';
