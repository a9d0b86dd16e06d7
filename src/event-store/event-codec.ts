import { create, fromJson, toJson } from '@bufbuild/protobuf';
import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import type { CoachEvent } from '../domain/coach.js';
import {
  type EventMetadata,
  EventMetadataSchema,
  SessionScheduledSchema,
} from '../gen/aceup/scheduler/v1/events_pb.js';
import type { JsonObject, NewEvent, RecordedEvent } from './event-store.js';

// Events written by a later version of the service may carry fields that this version does not know.
const READ = { ignoreUnknownFields: true } as const;

/** The stored form of an event: protobuf JSON under the full name of its message, which carries the version. */
export function encodeEvent(id: string, event: CoachEvent, metadata: EventMetadata): NewEvent {
  return {
    id,
    type: SessionScheduledSchema.typeName,
    data: toJson(
      SessionScheduledSchema,
      create(SessionScheduledSchema, {
        ...event,
        start: timestampFromMs(event.start),
        scheduledAt: timestampFromMs(event.scheduledAt),
      }),
    ) as JsonObject,
    metadata: toJson(EventMetadataSchema, metadata) as JsonObject,
  };
}

/**
 * The event that a stored form stands for. Throws on a type or content that this version does not know: nothing is ever
 * skipped.
 */
export function decodeEvent(recorded: RecordedEvent): CoachEvent {
  switch (recorded.type) {
    case SessionScheduledSchema.typeName: {
      const { start, scheduledAt, ...stored } = fromJson(SessionScheduledSchema, recorded.data, READ);
      if (!start || !scheduledAt) throw new Error(`event ${recorded.id} lacks a time`);
      return {
        type: 'SessionScheduled',
        sessionId: stored.sessionId,
        coachHashId: stored.coachHashId,
        clientHashId: stored.clientHashId,
        start: timestampMs(start),
        duration: stored.duration,
        scheduledAt: timestampMs(scheduledAt),
      };
    }
    default:
      throw new Error(`event ${recorded.id} at position ${recorded.position} has the unknown type ${recorded.type}`);
  }
}

/** The metadata that a stored event carries. */
export function decodeMetadata(recorded: RecordedEvent): EventMetadata {
  return fromJson(EventMetadataSchema, recorded.metadata, READ);
}
