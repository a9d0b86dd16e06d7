import type { Timestamp } from '@bufbuild/protobuf/wkt';
import type { AsOf } from '../../application/read-model.js';
import { coachStream } from '../../domain/coach/coach.js';
import { decodeMetadata } from '../../event-store/event-codec.js';
import type { EventStore, RecordedEvent } from '../../event-store/event-store.js';
import { requestKeyOf } from '../../event-store/request-key.js';
import { type Broken, floorMs, revision, timeOfAnyFineness } from './fields.js';

/** The fields of a request about the past. */
export interface AsOfRequest {
  readonly asOf?: Timestamp | undefined;
  readonly asOfRevision?: bigint | undefined;
}

/** The violations of the fields, each alone and both together. */
export function asOfViolations({ asOf, asOfRevision }: AsOfRequest): Broken[] {
  return [
    timeOfAnyFineness('as_of', asOf),
    revision('as_of_revision', asOfRevision),
    asOf && asOfRevision !== undefined
      ? { field: 'as_of_revision', description: 'must be absent when as_of is given' }
      : undefined,
  ];
}

/** The past that is asked for; undefined: now. The fields must have been checked. */
export function asOfGiven({ asOf, asOfRevision }: AsOfRequest): AsOf | undefined {
  if (asOf) return { time: floorMs(asOf) };
  return asOfRevision === undefined ? undefined : { revision: Number(asOfRevision) };
}

/** Milliseconds within which a store has written all events of a command: they are one append. */
const LONGEST_APPEND = 1_000;

/**
 * The same past by whole changes: a revision amid the events of a command, such as those that move the sessions of a
 * series, means the last of them. In between, a coach would seem to be double-booked. Throws `StoreUnavailable`.
 */
export async function ofWholeChanges(asOf: AsOf, coachHashId: string, store: EventStore): Promise<AsOf> {
  if ('time' in asOf) return asOf;
  let last: RecordedEvent | undefined;
  for await (const page of store.read(coachStream(coachHashId), BigInt(asOf.revision))) {
    for (const recorded of page) {
      if (last && !isOfSameCommand(last, recorded)) return { revision: Number(last.revision) };
      last = recorded;
    }
  }
  return last ? { revision: Number(last.revision) } : asOf;
}

function isOfSameCommand(one: RecordedEvent, next: RecordedEvent): boolean {
  const [before, after] = [decodeMetadata(one), decodeMetadata(next)];
  return (
    before.correlationId === after.correlationId &&
    requestKeyOf(before) === requestKeyOf(after) &&
    Math.abs(next.recordedAt - one.recordedAt) <= LONGEST_APPEND
  );
}
