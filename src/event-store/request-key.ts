import type { EventMetadata } from '../gen/aceup/scheduler/v1/events_pb.js';

/**
 * What tells a command apart by its `request_id`, which counts for its verified subject: the same id of two subjects
 * has two keys. Without a subject it is the id alone, as in events from before callers were authenticated. Empty when
 * the command has no id.
 */
export function requestKeyOf({ requestId, subject }: Pick<EventMetadata, 'requestId' | 'subject'>): string {
  // No id has a space in it.
  return requestId && subject ? `${requestId} ${subject}` : requestId;
}
