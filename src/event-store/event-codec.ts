import type { DescMessage } from '@bufbuild/protobuf';
import type { ClientEvent } from '../domain/client/client.js';
import type { CoachEvent } from '../domain/coach/events.js';
import * as stored from '../gen/aceup/scheduler/v1/events_pb.js';
import type { NewEvent, RecordedEvent } from './event-store.js';
import { messageJson } from './message-json.js';

/** Times that not every event has. */
const MAY_BE_ABSENT = ['holdExpiresAt'];

/** Turns the events of an aggregate into their stored form and back. */
export interface EventCodec<Event> {
  /** The stored form: protobuf JSON under the full name of its message, which carries the version. */
  encode(id: string, event: Event, metadata: stored.EventMetadata): NewEvent;
  /**
   * The event that a stored form stands for. Throws on a type or content that this version does not know: nothing is
   * ever skipped.
   */
  decode(recorded: RecordedEvent): Event;
}

/** Events of coaches. */
export const coachEvents = eventCodec<CoachEvent>({
  SessionScheduled: stored.SessionScheduledSchema,
  SessionRescheduled: stored.SessionRescheduledSchema,
  SessionCancelled: stored.SessionCancelledSchema,
  SessionCompleted: stored.SessionCompletedSchema,
  SessionMarkedNoShow: stored.SessionMarkedNoShowSchema,
  SessionOutcomeCorrected: stored.SessionOutcomeCorrectedSchema,
  SeriesScheduled: stored.SeriesScheduledSchema,
  SeriesRescheduled: stored.SeriesRescheduledSchema,
  SeriesCancelled: stored.SeriesCancelledSchema,
  SlotHeld: stored.SlotHeldSchema,
  HoldConfirmed: stored.HoldConfirmedSchema,
  HoldReleased: stored.HoldReleasedSchema,
  HoldExpired: stored.HoldExpiredSchema,
  ReservationAbandoned: stored.ReservationAbandonedSchema,
});

/** Events of clients. */
export const clientEvents = eventCodec<ClientEvent>({
  TimeReserved: stored.TimeReservedSchema,
  ReservationConfirmed: stored.ReservationConfirmedSchema,
  TimeReleased: stored.TimeReleasedSchema,
});

const METADATA = stored.EventMetadataSchema;
const metadataJson = messageJson(METADATA);

/** The metadata that a stored event carries. Throws when it is of another form. */
export function decodeMetadata({ metadata }: RecordedEvent): stored.EventMetadata {
  return metadataJson.read(metadata, { $typeName: METADATA.typeName }) as unknown as stored.EventMetadata;
}

/** A codec for events whose fields have the names of their messages' fields; see `MessageJson` for their values. */
function eventCodec<Event extends { readonly type: string }>(
  schemas: Readonly<Record<Event['type'], DescMessage>>,
): EventCodec<Event> {
  const forms = Object.entries<DescMessage>(schemas).map(([type, schema]) => ({
    type,
    name: schema.typeName,
    json: messageJson(schema, MAY_BE_ABSENT),
  }));
  const byType = new Map(forms.map((form) => [form.type, form]));
  const byName = new Map(forms.map((form) => [form.name, form]));

  return {
    encode(id, event, metadata) {
      const { name, json } = byType.get(event.type)!;
      return { id, type: name, data: json.write(event), metadata: metadataJson.write(metadata) };
    },

    decode(recorded) {
      const known = byName.get(recorded.type);
      if (!known) {
        throw new Error(`event ${recorded.id} at position ${recorded.position} has the unknown type ${recorded.type}`);
      }
      return known.json.read(recorded.data, { type: known.type }) as unknown as Event;
    },
  };
}
