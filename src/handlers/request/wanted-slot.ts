import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { endOf } from '../../domain/slot.js';
import { type Broken, check, duration, endsInTime, hashId, required, time } from './fields.js';

/** What the messages of sessions and holds have in common: who is to meet, and when. */
interface SlotMessage {
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly start?: Timestamp | undefined;
  readonly duration: number;
}

/**
 * Who is to meet, and when: `start` in epoch milliseconds. Throws INVALID_ARGUMENT with all that is wrong.
 * @param field the field that has the message, in proto names
 * @param others what else is wrong with the request
 */
export function wantedSlot(field: string, slot: SlotMessage | undefined, ...others: Broken[]) {
  const timeGiven = slot?.start;
  check(
    ...others,
    ...(slot
      ? [
          hashId(`${field}.coach_hash_id`, slot.coachHashId),
          hashId(`${field}.client_hash_id`, slot.clientHashId),
          required(`${field}.start`, timeGiven),
          time(`${field}.start`, timeGiven),
          duration(`${field}.duration`, slot.duration),
        ]
      : [required(field, slot)]),
  );
  if (!slot || !timeGiven) throw new Error('checked above');

  const { coachHashId, clientHashId } = slot;
  const wanted = { coachHashId, clientHashId, start: timestampMs(timeGiven), duration: slot.duration };
  check(endsInTime(`${field}.start`, endOf(wanted)));
  return wanted;
}
