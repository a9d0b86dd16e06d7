import type { MessageInitShape } from '@bufbuild/protobuf';
import type { CoachCommand } from '../../domain/coach/commands.js';
import type { SessionSchema } from '../../gen/aceup/scheduler/v1/session_pb.js';
import { lastSession } from '../answer/session-message.js';
import type { Call } from '../call.js';
import type { CoachOf } from '../request/coach-of.js';
import { type Broken, check, etag, requestId, uuid } from '../request/fields.js';
import { type CommandParts, etagGiven, submit } from '../request/submit-command.js';

/** What the handlers of commands for one session need. */
export interface SessionCommandParts extends CommandParts {
  readonly coachOf: CoachOf;
}

/** Commands for one session that exists. */
type SessionCommand = Extract<CoachCommand, { etag: unknown }>;

/** The part of a command that only its own request has. */
type Own<Command> = Command extends unknown
  ? Omit<Command, 'sessionId' | 'coachHashId' | 'etag' | 'now' | 'reservationId'>
  : never;

interface SessionRequest {
  readonly id: string;
  readonly etag: string;
  readonly reason?: string;
  readonly requestId: string;
  readonly validateOnly: boolean;
}

/**
 * A handler for a command on one session.
 * @param rules the violations of the fields that only this request has
 * @param own the part of the command that only this request has; asked once there are no violations
 */
export function sessionCommandHandler<Request extends SessionRequest>(
  parts: SessionCommandParts,
  rules: (request: Request) => readonly Broken[],
  own: (request: Request) => Own<SessionCommand>,
): (
  request: Request,
  call: Call,
) => Promise<{ session: MessageInitShape<typeof SessionSchema>; consistencyToken: string }> {
  return async (request, call) => {
    check(
      uuid('id', request.id),
      ...rules(request),
      etag('etag', request.etag),
      requestId('request_id', request.requestId),
    );
    const asked = { sessionId: request.id.toLowerCase(), etag: etagGiven(request, call), ...own(request) };
    const coachHashId = await parts.coachOf(asked.sessionId, call);
    const command = { ...asked, coachHashId, now: parts.now() };
    // As the caller wrote it: fingerprints of earlier versions of the service are compared with it for ever.
    const content = {
      ...asked,
      etag: asked.etag ?? '',
      ...(request.reason !== undefined && { reason: request.reason }),
    };
    const { accepted, consistencyToken } = await submit(parts, call, request, command, content);
    return { session: lastSession(accepted), consistencyToken };
  };
}
