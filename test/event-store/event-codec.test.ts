import {
  create,
  type DescEnum,
  type DescField,
  type DescMessage,
  getOption,
  ScalarType,
  toJson,
} from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence, timestampFromMs } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SlotHeld } from '../../src/domain/coach/events.js';
import { AppendedEvent } from '../../src/event-store/appended-event.js';
import { clientEvents, coachEvents, decodeMetadata, type EventCodec } from '../../src/event-store/event-codec.js';
import type { NewEvent, JsonObject as StoredJson } from '../../src/event-store/event-store.js';
import {
  EventMetadataSchema,
  file_aceup_scheduler_v1_events as file,
} from '../../src/gen/aceup/scheduler/v1/events_pb.js';
import { may_be_absent } from '../../src/gen/aceup/scheduler/v1/stored_pb.js';
import { messageJson } from './reflective-json.js';

const OF_CLIENTS = ['TimeReserved', 'ReservationConfirmed', 'TimeReleased'];

// Some messages are parts of events.
const parts = new Set(file.messages.flatMap(({ fields }) => fields.map(({ message }) => message)));
const eventSchemas = file.messages.filter((schema) => schema !== EventMetadataSchema && !parts.has(schema));

const noMetadata = create(EventMetadataSchema);

/** An event that this process appended. */
const asAppended = (event: NewEvent) => new AppendedEvent(event, 'coach-ann', 0n, 1n, 0);

function recordedAs(type: string, data: object, metadata: object = {}) {
  return {
    id: '0198c0de-0000-7000-8000-000000000000',
    type,
    data: data as StoredJson,
    metadata: metadata as StoredJson,
    stream: 'coach-ann',
    revision: 0n,
    position: 1n,
    recordedAt: 0,
  };
}

/** The same value twice: as an event has it, and as a message of protobuf-es has it. */
interface Twin {
  readonly plain: unknown;
  readonly message: unknown;
}

const twinsOf = ({ fields }: DescMessage): fc.Arbitrary<{ plain: object; message: Record<string, unknown> }> =>
  fc.tuple(...fields.map(twinOf)).map((twins) => ({
    plain: Object.fromEntries(fields.map(({ localName }, nr) => [localName, twins[nr]!.plain])),
    message: Object.fromEntries(fields.map(({ localName }, nr) => [localName, twins[nr]!.message])),
  }));

const same = (plain: unknown): Twin => ({ plain, message: plain });

function twinOf(field: DescField): fc.Arbitrary<Twin> {
  const isOptional = getOption(field, may_be_absent);
  if (field.fieldKind === 'list') {
    const twins = fc.array(itemTwin(field), { maxLength: 3 });
    return twins.map((all) => ({ plain: all.map(({ plain }) => plain), message: all.map(({ message }) => message) }));
  }
  if (field.enum) return wordTwin(field.enum);
  if (field.message && field.message.typeName !== TIMESTAMP) {
    const part = twinsOf(field.message);
    return isOptional ? fc.oneof(part, fc.constant(same(undefined))) : part;
  }
  if (field.message) {
    const time = fc
      .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
      .map((date) => ({ plain: date.getTime(), message: timestampFromMs(date.getTime()) }));
    return isOptional ? fc.oneof(time, fc.constant(same(undefined))) : time;
  }
  if (field.presence === FeatureSet_FieldPresence.EXPLICIT) {
    return fc.option(scalarOf(field), { nil: undefined }).map(same);
  }
  const absent = field.scalar === ScalarType.STRING ? '' : field.scalar === ScalarType.BOOL ? false : 0;
  return scalarOf(field).map((message) => ({
    plain: isOptional && message === absent ? undefined : message,
    message,
  }));
}

const TIMESTAMP = 'google.protobuf.Timestamp';

function itemTwin(field: DescField & { fieldKind: 'list' }): fc.Arbitrary<Twin> {
  if (field.message) return twinsOf(field.message);
  // Lists have no words that are unspecified.
  if (field.enum) return wordTwin(field.enum).filter(({ message }) => message !== 0);
  return scalarOf(field).map(same);
}

function wordTwin({ values }: DescEnum): fc.Arbitrary<Twin> {
  return fc.constantFrom(...values).map(({ number, localName }) => ({
    plain: number === 0 ? undefined : localName.toLowerCase(),
    message: number,
  }));
}

function scalarOf({ scalar }: DescField): fc.Arbitrary<unknown> {
  if (scalar === ScalarType.BOOL) return fc.boolean();
  return scalar === ScalarType.STRING
    ? fc.oneof(fc.string(), fc.constantFrom('', 'ü\u0001"😀'))
    : fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.constant(0));
}

const TIME = '2030-01-01T12:00:00Z';
const CONFLICT = { occurrence: 2, start: TIME, end: TIME, inTheWayStart: TIME, inTheWayEnd: TIME };

/** Values in memory and in JSON that fields mostly cannot have. */
const anyValue = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, '', 'ann', 'coach', 'PARTY_COACH', 'SESSION_STATE_NO_SHOW', 'PARTY_'),
  fc.constantFrom<unknown>(0, -0, 7, 0.5, Number.NaN, 2 ** 31, -(2 ** 31), 1e12, 8.64e15, [], {}, [null], [CONFLICT]),
  fc.constantFrom('2030-02-30T12:00:00Z', '2030-01-01T12:00:00.5Z', '2030-01-01T24:00:00Z', '0000-12-31T23:59:59Z'),
  fc.constantFrom('2030-01-01T12:00:00+00:00', '9999-12-31T23:59:59.999Z', '\ud83d"\u0000'),
  fc.anything(),
);

/** The object, often with one value that is perhaps not fit for its field. */
const withAny = <Values extends object>(values: Values, fields: readonly DescField[]) =>
  fc
    .option(fc.tuple(fc.constantFrom(...fields), anyValue))
    .map((change) => (change ? { ...values, [change[0].localName]: change[1] } : values));

/** What a function returns, or the error that it throws, to be compared. */
function resultOf(call: () => unknown) {
  try {
    return { value: call() };
  } catch (error) {
    return { name: (error as Error).name, message: (error as Error).message };
  }
}

describe.each(eventSchemas.map((schema) => [schema.name, schema] as const))('%s', (type, schema) => {
  const codec = (OF_CLIENTS.includes(type) ? clientEvents : coachEvents) as EventCodec<{ type: string }>;
  const byReflection = messageJson(schema);
  const events = twinsOf(schema).map(({ plain }) => ({ type, ...plain }));

  test('is written as reflection writes it, and refused with its errors', () => {
    const any = events.chain((event) => withAny(event, schema.fields));
    fc.assert(
      fc.property(any, (event) => {
        expect(resultOf(() => codec.encode('id', event, noMetadata).data)).toEqual(
          resultOf(() => JSON.stringify(byReflection.write(event))),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('is read as reflection reads it, and refused with its errors', () => {
    const any = events.chain((event) => withAny(byReflection.write(event), schema.fields));
    fc.assert(
      fc.property(any, (json) => {
        expect(resultOf(() => codec.decode(recordedAs(schema.typeName, json)))).toStrictEqual(
          resultOf(() => byReflection.read(json, { type })),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('of this process is the same without being decoded as it is when it is read back', () => {
    fc.assert(
      fc.property(events, twinsOf(EventMetadataSchema), (event, { message }) => {
        const metadata = create(EventMetadataSchema, message);
        const encoded = codec.encode('id', event, metadata);
        const own = asAppended(encoded);
        const readBack = recordedAs(encoded.type, JSON.parse(encoded.data), JSON.parse(encoded.metadata));
        expect(codec.decode(own)).toBe(event);
        expect(codec.decode(own)).toStrictEqual(codec.decode(readBack));
        expect(decodeMetadata(own)).toBe(metadata);
        expect(decodeMetadata(own)).toStrictEqual(decodeMetadata(readBack));
        expect({ data: own.data, metadata: own.metadata }).toEqual({
          data: readBack.data,
          metadata: readBack.metadata,
        });
      }),
    );
  });

  test('is stored as its message is in protobuf JSON, and comes back as it was', () => {
    fc.assert(
      fc.property(twinsOf(schema), ({ plain, message }) => {
        const event = { type, ...plain };
        const { type: storedType, data } = codec.encode('id', event, noMetadata);
        expect(storedType).toBe(schema.typeName);
        expect(data).toBe(JSON.stringify(toJson(schema, create(schema, message))));
        expect(codec.decode(recordedAs(storedType, JSON.parse(data)))).toStrictEqual(event);
      }),
    );
  });
});

test('metadata is stored as its message is in protobuf JSON, and comes back as it was', () => {
  fc.assert(
    fc.property(twinsOf(EventMetadataSchema), ({ message }) => {
      const metadata = create(EventMetadataSchema, message);
      const { metadata: stored } = coachEvents.encode('id', held, metadata);
      expect(stored).toBe(JSON.stringify(toJson(EventMetadataSchema, metadata)));
      expect(decodeMetadata(recordedAs('any', {}, JSON.parse(stored)))).toStrictEqual(metadata);
    }),
  );
});

const held: SlotHeld = {
  type: 'SlotHeld',
  holdId: 'h-1',
  coachHashId: 'ann',
  clientHashId: 'bob',
  start: Date.UTC(2030, 0, 1, 12),
  duration: 30,
  heldAt: Date.UTC(2029, 11, 31),
  expiresAt: Date.UTC(2029, 11, 31, 0, 5),
  reservationId: undefined,
  ignoredPolicy: undefined,
};

describe('a copy is decoded from its content', () => {
  const encoded = coachEvents.encode('id', held, create(EventMetadataSchema, { actor: 'ann' }));
  const other = coachEvents.encode('id', { ...held, duration: 90 }, create(EventMetadataSchema, { actor: 'bob' }));

  test('of a recorded event', () => {
    const own = asAppended(encoded);
    const { data, metadata } = asAppended(other);
    expect(coachEvents.decode({ ...own, data, metadata })).toEqual({ ...held, duration: 90 });
    expect(decodeMetadata({ ...own, data, metadata })).toMatchObject({ actor: 'bob' });
  });

  test('of an event to append', () => {
    const copy = asAppended({ ...encoded, data: other.data, metadata: other.metadata });
    expect(coachEvents.decode(copy)).toEqual({ ...held, duration: 90 });
    expect(decodeMetadata(copy)).toMatchObject({ actor: 'bob' });
  });

  test('of one that inherits from it', () => {
    const heir = Object.create(asAppended(encoded), { data: { value: asAppended(other).data } });
    expect(coachEvents.decode(heir)).toEqual({ ...held, duration: 90 });
  });
});

test('the codec of clients does not take an event of a coach, whoever appended it', () => {
  const own = asAppended(coachEvents.encode('id', held, noMetadata));
  expect(() => clientEvents.decode(own)).toThrow('unknown type');
});

const cancelled = {
  sessionId: 's-1',
  start: '2030-01-01T12:00:00Z',
  scheduledAt: '2029-12-31T00:00:00Z',
  cancelledAt: '2029-12-31T00:00:00.500Z',
};

const inTheWay = { occurrence: 2, start: cancelled.start, end: cancelled.start, inTheWayStart: cancelled.start };

const decodeAs = (name: string, data: object) => coachEvents.decode(recordedAs(`aceup.scheduler.v1.${name}`, data));

test('fields of a later version are ignored', () => {
  expect(decodeAs('SessionCancelled', { ...cancelled, room: 7, actor: {} })).toStrictEqual(
    decodeAs('SessionCancelled', cancelled),
  );
});

test('a session stored before series, holds and reservations existed has none of them', () => {
  const { cancelledAt: _, ...stored } = cancelled;
  expect(decodeAs('SessionScheduled', { ...stored, coachHashId: 'ann', clientHashId: 'bob', duration: 60 })).toEqual({
    type: 'SessionScheduled',
    sessionId: 's-1',
    coachHashId: 'ann',
    clientHashId: 'bob',
    start: Date.UTC(2030, 0, 1, 12),
    duration: 60,
    scheduledAt: Date.UTC(2029, 11, 31),
    seriesId: undefined,
    occurrence: undefined,
    localStart: undefined,
    reservationId: undefined,
  });
});

describe('reading throws for what this version does not write', () => {
  test.each<[field: string, values: unknown[]]>([
    ['sessionId', [7, null, ['s-1'], {}]],
    ['duration', ['30', 30.5, 2 ** 31, -(2 ** 31) - 1, null, true]],
    ['cancelledBy', ['PARTY_NOBODY', 'coach', 'toString', 1, null]],
    ['start', [undefined, null, 0, '', 'noon', '2030-01-01', '2030-01-01T12:00:00', '2030-01-01 12:00:00Z']],
    ['start', ['2030-13-01T12:00:00Z', '2030-02-32T12:00:00Z', '2030-01-01T25:00:00Z', '2030-01-01T12:60:00Z']],
    ['start', ['0000-12-31T23:59:59Z', '+02030-01-01T12:00:00Z', '2030-01-01T12:00:00Z\n', '2030-01-01T12:00:00.5Z']],
  ])('%s', (field, values) => {
    for (const value of values)
      expect(() => decodeAs('SessionCancelled', { ...cancelled, [field]: value }), `${value}`).toThrow(TypeError);
  });

  test.each([
    ['no list', {}],
    ['null', null],
    ['a list of no objects', ['one']],
    ['a list with null', [null]],
    ['a list of what lacks a time', [inTheWay]],
  ])('a list that is %s', (_, skipped) => {
    expect(() => decodeAs('SeriesScheduled', { scheduledAt: cancelled.scheduledAt, skipped })).toThrow(TypeError);
  });

  test('a list that is no list names its field', () => {
    const stored = { scheduledAt: cancelled.scheduledAt, skipped: {} };
    expect(() => decodeAs('SeriesScheduled', stored)).toThrow(/skipped cannot be {}/);
  });

  test.each([[null], ['text'], [7]])('%s in place of an object', (data) => {
    expect(() => decodeAs('SessionCancelled', data as never)).toThrow(
      new TypeError(`not a aceup.scheduler.v1.SessionCancelled: ${data}`),
    );
  });

  test('another type', () => {
    expect(() => decodeAs('SessionForgotten', cancelled)).toThrow('unknown type');
    expect(() => clientEvents.decode(recordedAs('aceup.scheduler.v1.SessionCancelled', cancelled))).toThrow();
  });

  test('metadata', () => {
    expect(() => decodeMetadata(recordedAs('any', {}, { requestId: 7 }))).toThrow('request_id');
  });
});

test.each([
  ['a time that is none', { start: Number.NaN }],
  ['a time after the year 9999', { start: Date.UTC(10_000, 0) }],
  ['a fraction of a minute', { duration: 0.5 }],
  ['a text that is none', { coachHashId: undefined as unknown as string }],
])('%s is not stored', (_, broken) => {
  expect(() => coachEvents.encode('id', { ...held, ...broken }, noMetadata)).toThrow(TypeError);
});
