import {
  create,
  type DescEnum,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject as ProtobufJson,
  toJson,
} from '@bufbuild/protobuf';
import { type Timestamp, timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import type { ClientEvent } from '../domain/client/client.js';
import type { CoachEvent } from '../domain/coach/events.js';
import * as stored from '../gen/aceup/scheduler/v1/events_pb.js';
import type { JsonObject, NewEvent, RecordedEvent } from './event-store.js';

// Events written by a later version of the service may carry fields that this version does not know.
const READ = { ignoreUnknownFields: true } as const;

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

/** The metadata that a stored event carries. */
export function decodeMetadata(recorded: RecordedEvent): stored.EventMetadata {
  return fromJson(stored.EventMetadataSchema, recorded.metadata, READ);
}

/**
 * A codec for events whose fields have the names of their messages' fields. A time is a number of milliseconds, absent
 * or not; an enum is a word in lower case, undefined when unspecified.
 */
function eventCodec<Event extends { readonly type: string }>(
  schemas: Readonly<Record<Event['type'], DescMessage>>,
): EventCodec<Event> {
  const entries = Object.entries<DescMessage>(schemas);
  const byType = new Map(entries);
  const byName = new Map(entries.map(([type, schema]) => [schema.typeName, { type, schema }]));

  return {
    encode(id, event, metadata) {
      const schema = byType.get(event.type) as DescMessage;
      return {
        id,
        type: schema.typeName,
        data: toJson(schema, create(schema, toMessage(schema, event))) as JsonObject,
        metadata: toJson(stored.EventMetadataSchema, metadata) as JsonObject,
      };
    },

    decode(recorded) {
      const known = byName.get(recorded.type);
      if (!known) {
        throw new Error(`event ${recorded.id} at position ${recorded.position} has the unknown type ${recorded.type}`);
      }
      const { type, schema } = known;
      return { type, ...toFields(schema, fromJson(schema, recorded.data as ProtobufJson, READ)) } as unknown as Event;
    },
  };
}

/** Times that not every event has. */
const MAY_BE_ABSENT: ReadonlySet<string> = new Set(['holdExpiresAt']);

type Fields = Readonly<Record<string, unknown>>;

function toMessage({ fields }: DescMessage, values: object): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  for (const field of fields) {
    const value = (values as Fields)[field.localName];
    if (value !== undefined) message[field.localName] = toMessageValue(field, value);
  }
  return message;
}

function toMessageValue(field: DescField, value: unknown): unknown {
  if (field.enum) return numberOf(field.enum, value as string);
  if (!field.message) return value;
  if (isTime(field)) return timestampFromMs(value as number);
  const { message } = field;
  return (value as object[]).map((one) => toMessage(message, one));
}

function toFields({ fields }: DescMessage, message: object): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const field of fields) {
    const value = (message as Fields)[field.localName];
    if (value === undefined && !MAY_BE_ABSENT.has(field.localName)) throw new Error(`lacks ${field.name}`);
    values[field.localName] = value === undefined ? undefined : toFieldValue(field, value);
  }
  return values;
}

function toFieldValue(field: DescField, value: unknown): unknown {
  if (field.enum) return wordOf(field.enum, value as number);
  if (!field.message) return value;
  if (isTime(field)) return timestampMs(value as Timestamp);
  const { message } = field;
  return (value as object[]).map((one) => toFields(message, one));
}

function isTime({ message }: DescField): boolean {
  return message?.typeName === 'google.protobuf.Timestamp';
}

/** `PARTY_COACH` of the enum `Party` is the word `coach`. */
function wordOf({ value }: DescEnum, number: number): string | undefined {
  return number === 0 ? undefined : value[number]?.localName.toLowerCase();
}

function numberOf({ values, name }: DescEnum, word: string): number {
  const found = values.find(({ localName }) => localName === word.toUpperCase());
  if (!found) throw new Error(`${name} has no value ${word}`);
  return found.number;
}
