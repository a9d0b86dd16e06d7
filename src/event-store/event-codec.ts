import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import type { ClientEvent } from '../domain/client/client.js';
import type { CoachEvent } from '../domain/coach/events.js';
import { FIRST_TIME, LAST_TIME } from '../domain/slot.js';
import * as stored from '../gen/aceup/scheduler/v1/events_pb.js';
import type { Json, JsonObject, NewEvent, RecordedEvent } from './event-store.js';

/** Turns the events of an aggregate into their stored form, and back. */
export interface EventCodec<Event> {
  /** The stored form: protobuf JSON under the full name of its message, which carries the version. */
  encode(id: string, event: Event, metadata: stored.EventMetadata): NewEvent;
  /** Reads an event. Throws for a type or a value that this version does not know: no event is ever skipped. */
  decode(recorded: RecordedEvent): Event;
}

/** How a type of event is stored: its message, and the fields that are undefined when they are absent. */
type StoredForm<Event> = readonly [message: DescMessage, ...optional: OptionalField<Event>[]];

type OptionalField<Event> = { [Field in keyof Event]: undefined extends Event[Field] ? Field : never }[keyof Event];

// What a session has only when it is of a series, or was booked under the rule for clients.
const OF_SESSION = ['seriesId', 'occurrence', 'localStart', 'reservationId'] as const;

/** Events of coaches. */
export const coachEvents = eventCodec<CoachEvent>({
  SessionScheduled: [stored.SessionScheduledSchema, ...OF_SESSION],
  SessionRescheduled: [stored.SessionRescheduledSchema, ...OF_SESSION, 'previousReservationId', 'reason'],
  SessionCancelled: [stored.SessionCancelledSchema, ...OF_SESSION, 'reason'],
  SessionCompleted: [stored.SessionCompletedSchema, ...OF_SESSION],
  SessionMarkedNoShow: [stored.SessionMarkedNoShowSchema, ...OF_SESSION],
  SessionOutcomeCorrected: [stored.SessionOutcomeCorrectedSchema, ...OF_SESSION, 'reason'],
  SeriesScheduled: [stored.SeriesScheduledSchema],
  SeriesRescheduled: [stored.SeriesRescheduledSchema, 'reason'],
  SeriesCancelled: [stored.SeriesCancelledSchema, 'reason'],
  SlotHeld: [stored.SlotHeldSchema, 'reservationId'],
  HoldConfirmed: [stored.HoldConfirmedSchema, 'reservationId'],
  HoldReleased: [stored.HoldReleasedSchema, 'reservationId'],
  HoldExpired: [stored.HoldExpiredSchema, 'reservationId'],
  ReservationAbandoned: [stored.ReservationAbandonedSchema],
});

/** Events of clients. */
export const clientEvents = eventCodec<ClientEvent>({
  TimeReserved: [stored.TimeReservedSchema, 'holdExpiresAt'],
  ReservationConfirmed: [stored.ReservationConfirmedSchema],
  TimeReleased: [stored.TimeReleasedSchema],
});

const METADATA = stored.EventMetadataSchema;
const metadataJson = messageJson(METADATA);

/** The metadata of a stored event. Throws when it has another form. */
export function decodeMetadata({ metadata }: RecordedEvent): stored.EventMetadata {
  return metadataJson.read(metadata, { $typeName: METADATA.typeName }) as unknown as stored.EventMetadata;
}

/**
 * A codec for events whose fields have the names of their messages' fields; `MessageJson` says what their values are.
 */
function eventCodec<Event extends { readonly type: string }>(
  stored: {
    readonly [Type in Event['type']]: StoredForm<Extract<Event, { readonly type: Type }>>;
  },
): EventCodec<Event> {
  const entries = Object.entries(stored) as [string, readonly [DescMessage, ...string[]]][];
  const forms = entries.map(([type, [message, ...optional]]) => ({
    type,
    name: message.typeName,
    json: messageJson(message, optional),
  }));
  const byType = new Map(forms.map((form) => [form.type, form]));
  const byName = new Map(forms.map((form) => [form.name, form]));

  return {
    encode(id, event, metadata) {
      const { name, json } = byType.get(event.type)!;
      const [data, metadataText] = [json.write(event), metadataJson.write(metadata)].map((one) => JSON.stringify(one));
      return { id, type: name, data: data!, metadata: metadataText! };
    },

    decode(recorded) {
      const known = byName.get(recorded.type);
      if (!known) {
        throw new Error(`event ${recorded.id} at position ${recorded.position} has an unknown type: ${recorded.type}`);
      }
      return known.json.read(recorded.data, { type: known.type }) as unknown as Event;
    },
  };
}

/**
 * Writes the fields of a message as protobuf JSON, and reads them. In memory a time is a number of epoch milliseconds,
 * an enum a word in lower case, undefined when unspecified: `PARTY_COACH` of the enum `Party` is `coach`.
 */
interface MessageJson {
  /** Writes what `toJson` of protobuf-es writes. Throws for a value that its field cannot have. */
  write(values: object): JsonObject;
  /**
   * Adds the message's fields to the object. Reads what `write` writes and ignores unknown fields; throws for any other
   * value of a known field, and for a time that is absent and not optional.
   */
  read(json: unknown, into: Record<string, unknown>): Record<string, unknown>;
}

/** How one field is written and read. Absent in JSON is undefined, and stands for the default value. */
interface FieldJson {
  write(value: unknown): Json | undefined;
  read(json: unknown): unknown;
}

/**
 * Looks the fields up once for all events. Throws for a message with a kind of field that no event has had yet.
 * @param optional the fields that are undefined when they are absent
 */
function messageJson({ fields, typeName }: DescMessage, optional: readonly string[] = []): MessageJson {
  const known = fields.map((field) => ({
    name: field.localName,
    key: field.jsonName,
    ...fieldJson(field, optional.includes(field.localName)),
  }));

  return {
    write(values) {
      const json: JsonObject = {};
      for (const { name, key, write } of known) {
        const value = write((values as Record<string, unknown>)[name]);
        if (value !== undefined) json[key] = value;
      }
      return json;
    },

    read(json, into) {
      if (typeof json !== 'object' || json === null) throw new TypeError(`not a ${typeName}: ${json}`);
      for (const { name, key, read } of known) into[name] = read((json as Record<string, unknown>)[key]);
      return into;
    },
  };
}

function fieldJson(field: DescField, isOptional: boolean): FieldJson {
  if (field.fieldKind === 'scalar' && field.scalar === ScalarType.STRING) return textJson(field, isOptional);
  if (field.fieldKind === 'scalar' && field.scalar === ScalarType.INT32) return integerJson(field, isOptional);
  if (field.fieldKind === 'enum') return wordJson(field, field.enum);
  if (field.fieldKind === 'list' && field.message) return listJson(field, messageJson(field.message));
  if (field.message?.typeName === 'google.protobuf.Timestamp') return timeJson(field, isOptional);
  throw new Error(`${field} is of a kind that the codec does not support`);
}

function textJson(field: DescField, isOptional: boolean): FieldJson {
  const absent = isOptional ? undefined : '';
  return {
    write(value) {
      if (value === undefined && isOptional) return undefined;
      if (typeof value !== 'string') throw unfit(field, value);
      return value || undefined;
    },
    read(json) {
      if (json === undefined) return absent;
      if (typeof json !== 'string') throw unfit(field, json);
      return json;
    },
  };
}

function integerJson(field: DescField, isOptional: boolean): FieldJson {
  const absent = isOptional ? undefined : 0;
  return {
    write(value) {
      if (value === undefined && isOptional) return undefined;
      if (!isInt32(value)) throw unfit(field, value);
      return value || undefined;
    },
    read(json) {
      if (json === undefined) return absent;
      if (!isInt32(json)) throw unfit(field, json);
      return json;
    },
  };
}

function isInt32(value: unknown): value is number {
  return typeof value === 'number' && value === (value | 0);
}

function wordJson(field: DescField, { values }: DescEnum): FieldJson {
  const specified = values.filter(({ number }) => number !== 0);
  const words = new Map<unknown, string>(
    specified.map(({ jsonName, localName }) => [jsonName, localName.toLowerCase()]),
  );
  const names = new Map<unknown, string>(
    specified.map(({ jsonName, localName }) => [localName.toLowerCase(), jsonName]),
  );

  function find(map: ReadonlyMap<unknown, string>, value: unknown): string | undefined {
    const found = map.get(value);
    if (found === undefined && value !== undefined) throw unfit(field, value);
    return found;
  }
  return { write: (value) => find(names, value), read: (json) => find(words, json) };
}

function listJson(field: DescField, { write, read }: MessageJson): FieldJson {
  return {
    write(value) {
      const items = value as readonly object[];
      return items.length > 0 ? items.map(write) : undefined;
    },
    read(json) {
      if (json === undefined) return [];
      if (!Array.isArray(json)) throw unfit(field, json);
      return json.map((item) => read(item, {}));
    },
  };
}

function timeJson(field: DescField, isOptional: boolean): FieldJson {
  return {
    write(value) {
      if (value === undefined && isOptional) return undefined;
      if (typeof value !== 'number' || !(value >= FIRST_TIME && value <= LAST_TIME)) throw unfit(field, value);
      return new Date(value).toISOString().replace('.000Z', 'Z');
    },
    read(json) {
      if (json === undefined && isOptional) return undefined;
      const time = typeof json === 'string' && TIME.test(json) ? Date.parse(json) : Number.NaN;
      // NaN is in no range.
      if (!(time >= FIRST_TIME)) throw unfit(field, json);
      return time;
    },
  };
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;

function unfit(field: DescField, value: unknown): TypeError {
  return new TypeError(`${field} cannot be ${JSON.stringify(value)}`);
}
