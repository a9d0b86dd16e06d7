import type { EventMetadata } from '../gen/aceup/scheduler/v1/events_pb.js';

/**
 * The metadata of what the service does by itself, such as reminders: no caller asked for it.
 * @param actor which part of the service it was
 * @param correlationId a new one for each command: events of one call are taken for one command
 */
export function ownMetadata(actor: string, correlationId: string): EventMetadata {
  return {
    $typeName: 'aceup.scheduler.v1.EventMetadata',
    correlationId,
    requestId: '',
    requestFingerprint: '',
    traceparent: '',
    actor,
    subject: '',
  };
}
