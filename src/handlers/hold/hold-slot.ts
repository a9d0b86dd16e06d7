import { DEFAULT_HOLD_SECONDS } from '../../domain/coach/hold.js';
import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { lastHold } from '../answer/hold-message.js';
import type { Handler } from '../endpoints.js';
import { holdTtl, requestId, wantedSlot } from '../request/fields.js';
import { type CommandParts, ignoring, submit } from '../request/submit-command.js';

/** Keeps a slot free for a client; see the rpc's comment. */
export function holdSlotHandler(parts: CommandParts): Handler<typeof SessionService.method.holdSlot> {
  return async (request, call) => {
    const wanted = wantedSlot(
      'hold',
      request.hold,
      requestId('request_id', request.requestId),
      holdTtl('ttl_seconds', request.ttlSeconds),
    );
    const ttlSeconds = request.ttlSeconds || DEFAULT_HOLD_SECONDS;
    const now = parts.now();
    const command = {
      type: 'HoldSlot',
      holdId: parts.newId(),
      ...wanted,
      ...ignoring(request),
      expiresAt: now + ttlSeconds * 1_000,
      now,
    } as const;
    const { accepted, consistencyToken } = await submit(parts, call, request, command, {
      ...wanted,
      ttlSeconds,
      ...ignoring(request),
    });
    return { hold: lastHold(accepted), consistencyToken };
  };
}
