import type { ClientEvent } from '../domain/client/client.js';
import type { CoachEvent } from '../domain/coach/events.js';
import * as stored from '../gen/aceup/scheduler/v1/events_json.js';
import type { EventMetadata } from '../gen/aceup/scheduler/v1/events_pb.js';
import { AppendedEvent } from './appended-event.js';
import type { NewEvent, RecordedEvent } from './event-store.js';

/** Turns the events of an aggregate into their stored form, and back. */
export interface EventCodec<Event> {
  /** The stored form: protobuf JSON under the full name of its message, which carries the version. */
  encode(id: string, event: Event, metadata: EventMetadata): NewEvent;
  /** Reads an event. Throws for a type or a value that this version does not know: no event is ever skipped. */
  decode(recorded: RecordedEvent): Event;
}

/**
 * How a type of event is stored, by code that is generated from its message. The event has the fields of the message; a
 * time is a number of epoch milliseconds, an enum a word in lower case. A field with the option `may_be_absent` is
 * undefined when it is absent.
 */
interface StoredForm<Event extends { readonly type: string }> {
  /** The full name of the message. */
  readonly name: string;
  /** Writes what `toJson` of protobuf-es writes, as text. Throws for a value that its field cannot have. */
  readonly write: (event: Event) => string;
  /**
   * Reads what `write` writes, parsed, and ignores unknown fields. Throws for any other value of a known field, and for
   * a time that is absent and must not be.
   */
  readonly read: (json: unknown) => { readonly type: Event['type'] };
}

/** Events of coaches. */
export const coachEvents = eventCodec<CoachEvent>({
  SessionScheduled: stored.SessionScheduledForm,
  SessionRescheduled: stored.SessionRescheduledForm,
  SessionCancelled: stored.SessionCancelledForm,
  SessionCompleted: stored.SessionCompletedForm,
  SessionMarkedNoShow: stored.SessionMarkedNoShowForm,
  SessionOutcomeCorrected: stored.SessionOutcomeCorrectedForm,
  SessionReminderDue: stored.SessionReminderDueForm,
  SeriesScheduled: stored.SeriesScheduledForm,
  SeriesRescheduled: stored.SeriesRescheduledForm,
  SeriesCancelled: stored.SeriesCancelledForm,
  SlotHeld: stored.SlotHeldForm,
  HoldConfirmed: stored.HoldConfirmedForm,
  HoldReleased: stored.HoldReleasedForm,
  HoldExpired: stored.HoldExpiredForm,
  ReservationAbandoned: stored.ReservationAbandonedForm,
  AvailabilitySet: stored.AvailabilitySetForm,
  AvailabilityDeleted: stored.AvailabilityDeletedForm,
  BookingPolicySet: stored.BookingPolicySetForm,
  BookingPolicyDeleted: stored.BookingPolicyDeletedForm,
  TimeOffAdded: stored.TimeOffAddedForm,
  TimeOffRemoved: stored.TimeOffRemovedForm,
  TimeOffSynced: stored.TimeOffSyncedForm,
});

/** Events of clients. */
export const clientEvents = eventCodec<ClientEvent>({
  TimeReserved: stored.TimeReservedForm,
  ReservationConfirmed: stored.ReservationConfirmedForm,
  TimeReleased: stored.TimeReleasedForm,
});

/** The metadata of a stored event. Throws when it has another form. */
export function decodeMetadata(recorded: RecordedEvent): EventMetadata {
  return sourceOf(recorded)?.metadata ?? stored.EventMetadataForm.read(recorded.metadata);
}

/** What an event was encoded from. */
interface Source {
  readonly event: unknown;
  readonly metadata: EventMetadata;
}

/**
 * An event to append, with what it was encoded from, so that an event that this process appended need not be decoded.
 * Only this codec makes one: a copy, altered or not, is decoded from its text.
 */
class EncodedEvent implements NewEvent {
  readonly #source: Source;

  constructor(
    readonly id: string,
    readonly type: string,
    readonly data: string,
    readonly metadata: string,
    source: Source,
  ) {
    this.#source = source;
  }

  static sourceOf(event: NewEvent): Source | undefined {
    return #source in event ? event.#source : undefined;
  }
}

/** Undefined when the event was not appended by this process, or is a copy. */
function sourceOf(recorded: RecordedEvent): Source | undefined {
  const appended = AppendedEvent.sourceOf(recorded);
  return appended && EncodedEvent.sourceOf(appended);
}

function eventCodec<Event extends { readonly type: string }>(
  forms: { readonly [Type in Event['type']]: StoredForm<Extract<Event, { readonly type: Type }>> },
): EventCodec<Event> {
  const byType = new Map(Object.entries(forms) as unknown as [string, StoredForm<Event>][]);
  const byName = new Map([...byType.values()].map((form) => [form.name, form]));

  return {
    encode(id, event, metadata) {
      const { name, write } = byType.get(event.type)!;
      const metadataText = stored.EventMetadataForm.write(metadata);
      return new EncodedEvent(id, name, write(event), metadataText, { event, metadata });
    },

    decode(recorded) {
      const known = byName.get(recorded.type);
      if (!known) {
        throw new Error(`event ${recorded.id} at position ${recorded.position} has an unknown type: ${recorded.type}`);
      }
      return (sourceOf(recorded)?.event ?? known.read(recorded.data)) as Event;
    },
  };
}
