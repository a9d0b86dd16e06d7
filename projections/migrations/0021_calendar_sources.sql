-- Not part of the read model: a rebuild leaves what is here, and it may be there already; see 0018_feeds.sql.
create schema if not exists calendars;
comment on schema calendars is 'Calendars elsewhere that the service fetches. Their URLs are secrets. Written by the service.';

create sequence if not exists calendars.versions as bigint;
comment on sequence calendars.versions is 'Gives versions and fences: no two calendar sources ever have the same.';

create table if not exists calendars.sources (
  coach_hash_id text collate "C" not null,
  source text collate "C" not null,
  url text not null,
  host text not null,
  interval_minutes integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version bigint not null default nextval('calendars.versions'),
  fence bigint not null default nextval('calendars.versions'),
  due_at timestamptz not null,
  fetched_at timestamptz,
  succeeded_at timestamptz,
  failures integer not null default 0,
  failing_since timestamptz,
  last_error text,
  etag text,
  last_modified text,
  digest text,
  read_at timestamptz,
  total integer not null default 0,
  reading jsonb,
  deleted_at timestamptz,
  is_cleared boolean not null default false,
  primary key (coach_hash_id, source)
);

create index if not exists sources_by_due on calendars.sources (due_at);

comment on table calendars.sources is
  'Calendars elsewhere whose busy times are time off of coaches. For people without rights to URLs there is '
  'read_model.calendar_sources.';
comment on column calendars.sources.coach_hash_id is 'The coach.';
comment on column calendars.sources.source is 'The name of the calendar source, which is the source of its time off.';
comment on column calendars.sources.url is
  'Where the calendar is. Whoever has it can read the calendar. Empty when the calendar source was deleted.';
comment on column calendars.sources.host is 'The host of the URL.';
comment on column calendars.sources.interval_minutes is 'Minutes from one fetch to the next.';
comment on column calendars.sources.created_at is 'When it was set first, by the clock of the service.';
comment on column calendars.sources.updated_at is 'When it was set last, by the clock of the service.';
comment on column calendars.sources.version is 'The version of what was set: its etag.';
comment on column calendars.sources.fence is
  'Another number each time that it is set, deleted, or a fetch begins. A fetch that finds another one writes nothing.';
comment on column calendars.sources.due_at is 'When it is fetched next, at the earliest.';
comment on column calendars.sources.fetched_at is 'When a fetch ended last, with whatever outcome. Null: never.';
comment on column calendars.sources.succeeded_at is 'When a fetch succeeded last. Null: never.';
comment on column calendars.sources.failures is 'How many fetches have failed since the last one that succeeded.';
comment on column calendars.sources.failing_since is 'When the first of them failed. Null: there is none.';
comment on column calendars.sources.last_error is 'Why the last of them failed. Null: there is none.';
comment on column calendars.sources.etag is 'The ETag of the document that was read last. Null: it had none.';
comment on column calendars.sources.last_modified is 'The Last-Modified of that document. Null: it had none.';
comment on column calendars.sources.digest is 'A digest of that document. Null: none was read since the URL was set.';
comment on column calendars.sources.read_at is 'When it was read. Null: none was read since the URL was set.';
comment on column calendars.sources.total is 'How many busy times it had.';
comment on column calendars.sources.reading is 'What else was read in it: leftOut, followedUntil. Null: none was read.';
comment on column calendars.sources.deleted_at is
  'When it was deleted. The row stays for a minute, until the time off is known to be gone. Null: it is there.';
comment on column calendars.sources.is_cleared is 'Whether the time off of a deleted calendar source was removed once.';

create or replace view read_model.calendar_sources as
select coach_hash_id, source, host, interval_minutes,
  case when last_error is not null then 'failing' when fetched_at is null then 'new' else 'ok' end as state,
  last_error, failing_since, fetched_at, succeeded_at, due_at as next_fetch_at, total,
  (reading -> 'leftOut' ->> 'transparent')::integer as left_out_transparent,
  (reading -> 'leftOut' ->> 'cancelled')::integer as left_out_cancelled,
  (reading -> 'leftOut' ->> 'own')::integer as left_out_own,
  (reading -> 'leftOut' ->> 'past')::integer as left_out_past,
  (reading -> 'leftOut' ->> 'withoutTime')::integer as left_out_without_time,
  to_timestamp((reading ->> 'followedUntil')::double precision / 1000) as followed_until,
  created_at, updated_at
from calendars.sources
where deleted_at is null;

comment on view read_model.calendar_sources is
  'Calendars elsewhere whose busy times are time off of coaches: time_off has their intervals, with the same source. '
  'One row for each that is set. The service keeps it; a rebuild leaves it as it is.';
comment on column read_model.calendar_sources.coach_hash_id is 'The coach.';
comment on column read_model.calendar_sources.source is 'The name of the calendar source, which is the source of its time off.';
comment on column read_model.calendar_sources.host is 'The host of its URL. The URL itself is a secret.';
comment on column read_model.calendar_sources.interval_minutes is 'Minutes from one fetch to the next.';
comment on column read_model.calendar_sources.state is
  'new: it was not fetched yet, or not since its URL was set; ok: the last fetch succeeded; failing: it did not.';
comment on column read_model.calendar_sources.last_error is 'Why the last fetch failed. Null: it did not.';
comment on column read_model.calendar_sources.failing_since is 'Since when no fetch has succeeded. Null: the last one did.';
comment on column read_model.calendar_sources.fetched_at is
  'When it was fetched last, with whatever outcome, by the clock of the service. Null: never since its URL was set.';
comment on column read_model.calendar_sources.succeeded_at is
  'When a fetch succeeded last, by the clock of the service. Null: never since its URL was set.';
comment on column read_model.calendar_sources.next_fetch_at is 'When it is fetched next, at the earliest.';
comment on column read_model.calendar_sources.total is 'How many busy times the calendar had when it was read last.';
comment on column read_model.calendar_sources.left_out_transparent is
  'How many events of the calendar take no time, being transparent. Null, as the next five: it was never read.';
comment on column read_model.calendar_sources.left_out_cancelled is 'How many are cancelled.';
comment on column read_model.calendar_sources.left_out_own is 'How many are sessions or holds of this service.';
comment on column read_model.calendar_sources.left_out_past is 'How many are over.';
comment on column read_model.calendar_sources.left_out_without_time is 'How many have no time that they take.';
comment on column read_model.calendar_sources.followed_until is 'Until when its recurrences were followed, exclusive.';
comment on column read_model.calendar_sources.created_at is 'When it was set first, by the clock of the service.';
comment on column read_model.calendar_sources.updated_at is 'When it was set last, by the clock of the service.';
