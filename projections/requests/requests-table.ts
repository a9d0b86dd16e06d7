import { COACH_STREAM_PREFIX } from '../../src/domain/coach/coach.js';
import type { RecordedEvent } from '../../src/event-store/event-store.js';
import type { EventMetadata } from '../../src/gen/aceup/scheduler/v1/events_pb.js';
import { bigint, text } from '../columns.js';
import { type Change, put } from '../projection.js';
import { defineTable } from '../table.js';

/**
 * Which commands were accepted under a `request_id`: each by its first event. What the columns mean is in
 * ../migrations/0003_requests.sql.
 */
export const requestsTable = defineTable({
  name: 'requests',
  key: ['requestId', 'coachHashId'],
  keep: 'first',
  columns: { requestId: text, coachHashId: text, fingerprint: text, revision: bigint },
});

/** What an event tells of the command that led to it. */
export function requestChanges(
  { requestId, requestFingerprint: fingerprint }: EventMetadata,
  { stream, revision }: RecordedEvent,
): Change[] {
  if (!requestId) return [];
  const coachHashId = stream.slice(COACH_STREAM_PREFIX.length);
  return [put(requestsTable, { requestId, coachHashId, fingerprint, revision })];
}
