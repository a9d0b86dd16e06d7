import { create } from '@bufbuild/protobuf';
import { type EventMetadata, EventMetadataSchema } from '../gen/aceup/scheduler/v1/events_pb.js';
import type { Call } from './call.js';
import { digest } from './tokens.js';

// https://www.w3.org/TR/trace-context/#traceparent-header-field-values
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * The metadata of the events that a command leads to.
 * @param content what the command asks for, as plain values: an equal content gives an equal fingerprint
 */
export function metadataFor(call: Call, requestId: string, content: unknown): EventMetadata {
  const traceparent = call.header('traceparent') ?? '';
  return create(EventMetadataSchema, {
    correlationId: call.correlationId,
    requestId,
    requestFingerprint: requestId && digest(content),
    traceparent: TRACEPARENT.test(traceparent) ? traceparent : '',
  });
}
