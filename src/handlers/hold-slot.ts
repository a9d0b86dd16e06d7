import { timestampMs } from '@bufbuild/protobuf/wkt';
import { endOf } from '../domain/slot.js';
import type { SessionService } from '../gen/aceup/scheduler/v1/session_service_pb.js';
import { type CommandParts, submit } from './command.js';
import type { Handler } from './endpoints.js';
import { lastHold } from './hold-message.js';
import { check, duration, endsInTime, hashId, holdTtl, requestId, required, time } from './rules.js';

type HoldSlotHandler = Handler<typeof SessionService.method.holdSlot>;

const DEFAULT_TTL_SECONDS = 600;

/** Keeps a slot free for a client; see the rpc's comment. */
export function holdSlotHandler(parts: CommandParts): HoldSlotHandler {
  return async (request, call) => {
    const { ttlSeconds, ...wanted } = wantedHold(request);
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

function wantedHold(request: Parameters<HoldSlotHandler>[0]) {
  const { hold } = request;
  const timeGiven = hold?.start;
  check(
    requestId('request_id', request.requestId),
    holdTtl('ttl_seconds', request.ttlSeconds),
    ...(hold
      ? [
          hashId('hold.coach_hash_id', hold.coachHashId),
          hashId('hold.client_hash_id', hold.clientHashId),
          required('hold.start', timeGiven),
          time('hold.start', timeGiven),
          duration('hold.duration', hold.duration),
        ]
      : [required('hold', hold)]),
  );
  if (!hold || !timeGiven) throw new Error('checked above');

  const { coachHashId, clientHashId } = hold;
  const wanted = { coachHashId, clientHashId, start: timestampMs(timeGiven), duration: hold.duration };
  check(endsInTime('hold.start', endOf(wanted)));
  return { ...wanted, ttlSeconds: request.ttlSeconds || DEFAULT_TTL_SECONDS };
}
