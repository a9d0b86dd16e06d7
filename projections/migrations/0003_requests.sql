create table read_model.requests (
  request_id text collate "C" not null,
  coach_hash_id text collate "C" not null,
  fingerprint text not null,
  revision bigint not null,
  primary key (request_id, coach_hash_id)
);

comment on table read_model.requests is
  'Every command that was accepted under a request_id. Such a command sent again gets the first answer.';
comment on column read_model.requests.request_id is 'The request_id that the caller chose (REST: Idempotency-Key).';
comment on column read_model.requests.coach_hash_id is 'The coach whom the command was for.';
comment on column read_model.requests.fingerprint is 'A digest of what the command asked for.';
comment on column read_model.requests.revision is
  'The place of the first event that the command led to in the stream of the coach, from 0.';
