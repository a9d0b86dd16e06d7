// How callers change calendar sources.

/** One calendar source, by its coach and its name. */
export const ONE = 'coach_hash_id = $1 and source = $2';

const RENEWED = `version = nextval('calendars.versions'), fence = nextval('calendars.versions')`;

/** The URL stays: the interval ($3) is set, and the source is due ($4), and read although it may be the same. */
export const CHANGE_INTERVAL = `
  update calendars.sources
  set interval_minutes = $3, updated_at = $4, due_at = $4, read_at = null, failures = 0, ${RENEWED}
  where ${ONE}
  returning *`;

/**
 * Another URL ($5, its host $6): nothing is known of it. What was read stays, with the time off, until the calendar there
 * was read.
 */
export const SET_URL = `
  insert into calendars.sources (coach_hash_id, source, interval_minutes, created_at, updated_at, due_at, url, host)
  values ($1, $2, $3, $4, $4, $4, $5, $6)
  on conflict (coach_hash_id, source) do update set
    interval_minutes = $3, updated_at = $4, due_at = $4, url = $5, host = $6,
    created_at = case when sources.deleted_at is null then sources.created_at else $4 end,
    total = case when sources.deleted_at is null then sources.total else 0 end,
    reading = case when sources.deleted_at is null then sources.reading end,
    fetched_at = null, succeeded_at = null, failures = 0, failing_since = null, last_error = null,
    etag = null, last_modified = null, digest = null, read_at = null, deleted_at = null, is_cleared = false,
    ${RENEWED}
  returning *`;

/** Due at $3, or $4 milliseconds after the last fetch, and read although it may be the same. */
export const FETCH_SOON = `
  update calendars.sources
  set due_at = greatest($3::timestamptz, coalesce(fetched_at + $4 * interval '1 ms', $3)), read_at = null
  where ${ONE} and deleted_at is null
  returning *`;

/** Deleted at $3, and due $4 milliseconds later. */
export const MARK_DELETED = `
  update calendars.sources
  set deleted_at = $3, due_at = $3::timestamptz + $4 * interval '1 ms', url = '', host = '', last_error = null, ${RENEWED}
  where ${ONE}
  returning *`;
