import { COACH_STREAM_PREFIX } from '../../src/domain/coach/coach.js';
import type { RecordedEvent } from '../../src/event-store/event-store.js';
import { requestKeyOf } from '../../src/event-store/request-key.js';
import type { EventMetadata } from '../../src/gen/aceup/scheduler/v1/events_pb.js';
import { bigint, text } from '../column-types.js';
import type { Table } from '../table.js';

/** The metadata of an event with a `request_id`, and where the event stands. */
interface AcceptedCommand {
  readonly metadata: Pick<EventMetadata, 'requestId' | 'subject' | 'requestFingerprint'>;
  readonly event: Pick<RecordedEvent, 'stream' | 'revision'>;
}

/**
 * The commands that were accepted under a `request_id`, each by its first event. The subject is in the text of the id,
 * and not in a column of its own: releases that know no subjects write the table by the same primary key.
 */
export const requestsTable = {
  name: 'requests',
  comment: 'Every command accepted under a request_id, one row each. Such a command sent again gets the first answer.',
  key: ['key', 'coachHashId'],
  keep: 'first',
  columns: {
    key: {
      name: 'request_id',
      type: text,
      of: ({ metadata }) => requestKeyOf(metadata),
      comment:
        'The request_id that the caller chose (REST: Idempotency-Key). When the subject of the caller was verified, a ' +
        'space and the subject follow: an id counts for its subject.',
    },
    coachHashId: {
      type: text,
      of: ({ event }) => event.stream.slice(COACH_STREAM_PREFIX.length),
      comment: 'The coach whom the command was for.',
    },
    fingerprint: {
      type: text,
      of: ({ metadata }) => metadata.requestFingerprint,
      comment: 'A digest of what the command asked for.',
    },
    revision: {
      type: bigint,
      of: ({ event }) => event.revision,
      comment: "The place in the coach's stream, from 0, of the first event that the command led to.",
    },
  },
} as const satisfies Table<AcceptedCommand>;
