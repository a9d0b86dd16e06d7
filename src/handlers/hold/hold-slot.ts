import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { lastHold } from '../answer/hold-message.js';
import type { Handler } from '../endpoints.js';
import { type CommandParts, submit } from '../request/command.js';
import { holdTtl, requestId } from '../request/fields.js';
import { wantedSlot } from '../request/wanted-slot.js';

const DEFAULT_TTL_SECONDS = 600;

/** Keeps a slot free for a client; see the rpc's comment. */
export function holdSlotHandler(parts: CommandParts): Handler<typeof SessionService.method.holdSlot> {
  return async (request, call) => {
    const wanted = wantedSlot(
      'hold',
      request.hold,
      requestId('request_id', request.requestId),
      holdTtl('ttl_seconds', request.ttlSeconds),
    );
    const ttlSeconds = request.ttlSeconds || DEFAULT_TTL_SECONDS;
    const { newId, newReservationId } = parts;
    const now = parts.now();
    const command = {
      type: 'HoldSlot',
      holdId: newId(),
      ...wanted,
      expiresAt: now + ttlSeconds * 1_000,
      reservationId: newReservationId(),
      now,
    } as const;
    const { accepted, consistencyToken } = await submit(parts, call, request, command, { ...wanted, ttlSeconds });
    return { hold: lastHold(accepted, now), consistencyToken };
  };
}
