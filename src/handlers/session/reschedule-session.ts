import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import type { Handler } from '../endpoints.js';
import { optionalDuration, reason, time } from '../request/fields.js';
import { ignoring } from '../request/submit-command.js';
import { type SessionCommandParts, sessionCommandHandler } from './session-command.js';

/** Gives a session another time; see the rpc's comment. */
export function rescheduleSessionHandler(
  parts: SessionCommandParts,
): Handler<typeof SessionService.method.rescheduleSession> {
  return sessionCommandHandler(
    parts,
    (request) => [
      time('start', request.start),
      optionalDuration('duration', request.duration),
      request.start || request.duration
        ? undefined
        : { field: 'start', description: 'is required when there is no duration' },
      reason('reason', request.reason),
    ],
    (request) => ({
      type: 'RescheduleSession',
      start: request.start && timestampMs(request.start),
      duration: request.duration || undefined,
      reason: request.reason || undefined,
      ...ignoring(request),
    }),
  );
}
