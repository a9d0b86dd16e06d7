import { COACH_STREAM_PREFIX } from '../../src/domain/coach/stream.js';
import { decodeMetadata } from '../../src/event-store/event-codec.js';
import type { Revision } from '../../src/event-store/event-store.js';
import type { Table } from '../projection.js';

/** An event that an accepted command with a `request_id` led to. */
export interface RequestChange {
  readonly requestId: string;
  readonly coachHashId: string;
  readonly fingerprint: string;
  /** The place of the event in its stream. */
  readonly revision: Revision;
}

/**
 * Which commands were accepted under a `request_id`: each by its first event. What the columns mean is in
 * ../migrations/0003_requests.sql.
 */
export const requestsTable: Table<RequestChange> = {
  name: 'requests',

  changesOf(recorded) {
    const { requestId, requestFingerprint: fingerprint } = decodeMetadata(recorded);
    if (!requestId) return [];
    const coachHashId = recorded.stream.slice(COACH_STREAM_PREFIX.length);
    return [{ requestId, coachHashId, fingerprint, revision: recorded.revision }];
  },

  write(changes, table) {
    return {
      name: `write ${table}`,
      text: `
        insert into ${table} (request_id, coach_hash_id, fingerprint, revision)
        select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
        on conflict do nothing`,
      values: [
        changes.map(({ requestId }) => requestId),
        changes.map(({ coachHashId }) => coachHashId),
        changes.map(({ fingerprint }) => fingerprint),
        changes.map(({ revision }) => revision),
      ],
    };
  },
};
