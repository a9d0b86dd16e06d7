import { fromJson, type MessageShape } from '@bufbuild/protobuf';
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import type { RecordedEvent } from '../event-store/event-store.js';
import * as pb from '../gen/aceup/scheduler/v1/events_pb.js';

/**
 * The stored events, read by protobuf-es from their messages. The service reads them by generated code of its own: a
 * mistake there shows here.
 */
const SCHEMAS = [
  pb.SessionScheduledSchema,
  pb.SessionRescheduledSchema,
  pb.SessionCancelledSchema,
  pb.SessionCompletedSchema,
  pb.SessionMarkedNoShowSchema,
  pb.SessionOutcomeCorrectedSchema,
  pb.SessionReminderDueSchema,
  pb.SeriesScheduledSchema,
  pb.SeriesRescheduledSchema,
  pb.SeriesCancelledSchema,
  pb.SlotHeldSchema,
  pb.HoldConfirmedSchema,
  pb.HoldReleasedSchema,
  pb.HoldExpiredSchema,
  pb.ReservationAbandonedSchema,
  pb.AvailabilitySetSchema,
  pb.AvailabilityDeletedSchema,
  pb.BookingPolicySetSchema,
  pb.BookingPolicyDeletedSchema,
  pb.TimeOffAddedSchema,
  pb.TimeOffRemovedSchema,
  pb.TimeOffSyncedSchema,
  pb.TimeReservedSchema,
  pb.ReservationConfirmedSchema,
  pb.TimeReleasedSchema,
] as const;

/** Any event, told apart by `$typeName`. */
export type StoredEvent = MessageShape<(typeof SCHEMAS)[number]>;

/** The events of the streams of clients. */
export type ClientEvent = pb.TimeReserved | pb.ReservationConfirmed | pb.TimeReleased;

/** The events of the streams of coaches. */
export type CoachEvent = Exclude<StoredEvent, ClientEvent>;

/** The events of a session, each with the session as the event leaves it. */
export type SessionEvent =
  | pb.SessionScheduled
  | pb.SessionRescheduled
  | pb.SessionCancelled
  | pb.SessionCompleted
  | pb.SessionMarkedNoShow
  | pb.SessionOutcomeCorrected
  | pb.SessionReminderDue;

/** The events of a hold. */
export type HoldEvent = pb.SlotHeld | pb.HoldConfirmed | pb.HoldReleased | pb.HoldExpired;

export type AvailabilityEvent = pb.AvailabilitySet | pb.AvailabilityDeleted;

export type PolicyEvent = pb.BookingPolicySet | pb.BookingPolicyDeleted;

/** The events about what a coach offers. */
export type OfferingEvent = AvailabilityEvent | PolicyEvent | pb.TimeOffAdded | pb.TimeOffRemoved | pb.TimeOffSynced;

/** A time off, as events have it. */
export type StoredTimeOff = pb.StoredTimeOff;

/** An event with the place where it stands. */
export interface Entry<Event extends StoredEvent = StoredEvent> {
  readonly event: Event;
  readonly metadata: pb.EventMetadata;
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
}

const byName = new Map<string, (typeof SCHEMAS)[number]>(SCHEMAS.map((schema) => [schema.typeName, schema]));
const LENIENT = { ignoreUnknownFields: true };

/** Reads an event. Throws an error that says why it cannot be read. */
export function readEvent(recorded: RecordedEvent): Entry {
  const { type, data, metadata, stream, revision, position } = recorded;
  const schema = byName.get(type);
  if (!schema) throw new Error(`its type is unknown: ${type}`);
  return {
    event: fromJson(schema, data, LENIENT) as StoredEvent,
    metadata: fromJson(pb.EventMetadataSchema, metadata, LENIENT),
    stream,
    revision: Number(revision),
    position,
  };
}

/** The name of an event without its package. */
export function nameOf({ $typeName }: StoredEvent): string {
  return $typeName.slice($typeName.lastIndexOf('.') + 1);
}

/** A time that every event of its kind has, in epoch milliseconds. Throws when it is absent. */
export function timeOf(time: Timestamp | undefined): number {
  if (!time) throw new Error('a time is missing in it');
  return timestampMs(time);
}
