-- Not part of the read model: a rebuild leaves what is here, and it may be there already; see 0018_feeds.sql.
create table if not exists feeds.webhooks (
  id uuid primary key,
  url text not null,
  coach_hash_id text collate "C",
  client_hash_id text collate "C",
  types text[] not null,
  description text not null,
  secret text not null,
  former_secret text,
  former_secret_until timestamptz,
  pause_reason text check (pause_reason in ('by_admin', 'failing', 'gone', 'not_in_log')),
  pause_detail text not null default '',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version bigint not null default 0,
  start_after bigint not null,
  generation bigint not null default 0
);

create index if not exists webhooks_by_age on feeds.webhooks (created_at, id);

comment on table feeds.webhooks is 'Who is told of changes by webhooks. How far each has come is in feeds.cursors, by its id.';
comment on column feeds.webhooks.id is 'The id, a UUIDv7.';
comment on column feeds.webhooks.url is 'Where changes are posted.';
comment on column feeds.webhooks.coach_hash_id is 'Only changes of this coach. Null: of all coaches.';
comment on column feeds.webhooks.client_hash_id is 'Only changes that concern this client. Null: all clients.';
comment on column feeds.webhooks.types is 'Only changes of these types. Empty: all changes of sessions.';
comment on column feeds.webhooks.description is 'What the webhook is for, in words.';
comment on column feeds.webhooks.secret is 'The secret that signs deliveries. Whoever has it can make deliveries that look real.';
comment on column feeds.webhooks.former_secret is 'The secret before it. Null: there was none.';
comment on column feeds.webhooks.former_secret_until is 'Until when deliveries are signed with the former secret too.';
comment on column feeds.webhooks.pause_reason is
  'Why nothing is delivered: by_admin; failing: every delivery failed for 3 days; gone: the receiver answered 410; '
  'not_in_log: the log does not have the change that was delivered last. Null: the webhook is active.';
comment on column feeds.webhooks.pause_detail is 'The same in words.';
comment on column feeds.webhooks.created_at is 'When the webhook was created, by the clock of the service.';
comment on column feeds.webhooks.updated_at is 'When a command changed it last, or it was paused, by the clock of the service.';
comment on column feeds.webhooks.version is 'How often it was changed: its etag.';
comment on column feeds.webhooks.start_after is 'The position after which to begin, when it has no cursor.';
comment on column feeds.webhooks.generation is
  'How often it began anew, by a replay. Progress of an earlier generation is not saved any more.';

create table if not exists feeds.webhook_held_up (
  webhook_id uuid not null references feeds.webhooks on delete cascade,
  coach_hash_id text collate "C" not null,
  change_id uuid not null,
  revision bigint not null,
  attempts integer not null,
  since timestamptz not null,
  next_attempt_at timestamptz not null,
  last_error text not null,
  skip boolean not null default false,
  primary key (webhook_id, coach_hash_id)
);

comment on table feeds.webhook_held_up is
  'Coaches whose changes were not delivered up to the cursor of the webhook: their streams are read on from here.';
comment on column feeds.webhook_held_up.webhook_id is 'The webhook.';
comment on column feeds.webhook_held_up.coach_hash_id is 'The coach.';
comment on column feeds.webhook_held_up.change_id is 'The id of the first change that was not delivered.';
comment on column feeds.webhook_held_up.revision is 'The place of that change in the stream of the coach, from 0.';
comment on column feeds.webhook_held_up.attempts is 'How often that change was refused. 0: it only waits for its turn.';
comment on column feeds.webhook_held_up.since is 'When it was refused first.';
comment on column feeds.webhook_held_up.next_attempt_at is 'When it is tried next, at the latest.';
comment on column feeds.webhook_held_up.last_error is 'Why the last attempt failed. Empty: there was none.';
comment on column feeds.webhook_held_up.skip is 'Whether an admin gave that change up.';

create table if not exists feeds.webhook_deliveries (
  webhook_id uuid not null references feeds.webhooks on delete cascade,
  id uuid not null,
  at timestamptz not null,
  change_id uuid not null,
  position bigint not null,
  type text not null,
  coach_hash_id text not null,
  attempt integer not null,
  succeeded boolean not null,
  status integer,
  error text not null,
  duration_ms integer not null,
  response_body text not null,
  primary key (webhook_id, id)
);

comment on table feeds.webhook_deliveries is
  'The last attempts to deliver, at least 1000 for each webhook. When many succeed within a second, some are left out.';
comment on column feeds.webhook_deliveries.webhook_id is 'The webhook.';
comment on column feeds.webhook_deliveries.id is 'The id of the attempt, a UUIDv7: ids are in order of time.';
comment on column feeds.webhook_deliveries.at is 'When it was made, by the clock of the service.';
comment on column feeds.webhook_deliveries.change_id is 'The id of the change.';
comment on column feeds.webhook_deliveries.position is 'The position of the change; 0 for a test.';
comment on column feeds.webhook_deliveries.type is 'The type of the CloudEvent.';
comment on column feeds.webhook_deliveries.coach_hash_id is 'The coach; empty for a test.';
comment on column feeds.webhook_deliveries.attempt is 'Which attempt for the change it was, from 1.';
comment on column feeds.webhook_deliveries.succeeded is 'Whether the receiver took the change.';
comment on column feeds.webhook_deliveries.status is 'The HTTP status of the answer. Null: there was none.';
comment on column feeds.webhook_deliveries.error is 'Why it failed; empty when it succeeded.';
comment on column feeds.webhook_deliveries.duration_ms is 'How long it took, in milliseconds.';
comment on column feeds.webhook_deliveries.response_body is 'The beginning of the body of the answer, when the attempt failed.';

create table if not exists feeds.webhook_requests (
  subject text collate "C" not null,
  request_id text collate "C" not null,
  fingerprint text not null,
  webhook_id uuid,
  answer jsonb,
  at timestamptz not null,
  primary key (subject, request_id)
);

create index if not exists webhook_requests_by_age on feeds.webhook_requests (at);
create index if not exists webhook_requests_by_webhook on feeds.webhook_requests (webhook_id);

comment on table feeds.webhook_requests is
  'What commands for webhooks answered, for 30 days: the same request_id gets the same answer.';
comment on column feeds.webhook_requests.subject is 'The verified subject of the caller; empty when there is none.';
comment on column feeds.webhook_requests.request_id is 'The request_id of the command.';
comment on column feeds.webhook_requests.fingerprint is 'A digest of what was asked for.';
comment on column feeds.webhook_requests.webhook_id is
  'The webhook. Its answers, which may have secrets, are deleted with it. Null: the command deleted it.';
comment on column feeds.webhook_requests.answer is 'The answer.';
comment on column feeds.webhook_requests.at is 'When the command was carried out, by the clock of the service.';
