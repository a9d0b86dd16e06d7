import { create } from '@bufbuild/protobuf';
import { type EventMetadata, EventMetadataSchema } from '../../gen/aceup/scheduler/v1/events_pb.js';
import { digest } from '../answer/tokens.js';
import type { Call } from '../call.js';
import { check, optionalHashId } from './fields.js';

/** The header (gRPC: metadata key) in which a caller says on whose behalf it asks. */
export const ACTOR_HEADER = 'x-actor';

// https://www.w3.org/TR/trace-context/#traceparent-header-field-values
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * The metadata of the events that a command leads to.
 * Throws INVALID_ARGUMENT for a malformed actor.
 * @param content what the command asks for, as plain values: an equal content gives an equal fingerprint
 */
export function metadataFor(call: Call, requestId: string, content: unknown): EventMetadata {
  const actor = call.header(ACTOR_HEADER) ?? '';
  check(optionalHashId(ACTOR_HEADER, actor));
  const traceparent = call.header('traceparent') ?? '';
  return create(EventMetadataSchema, {
    correlationId: call.correlationId,
    requestId,
    requestFingerprint: requestId && digest(content),
    traceparent: TRACEPARENT.test(traceparent) ? traceparent : '',
    actor,
  });
}
