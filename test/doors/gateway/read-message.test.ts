import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson, violationsIn } from '../../../src/doors/gateway/json/read-message.js';
import {
  ListSessionsRequestSchema,
  ListSessionsResponseSchema,
  ScheduleSessionRequestSchema,
} from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { seedRequest } from './support.js';

test('bytes are read as a strict TextDecoder reads them, and refused when it refuses them', () => {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const text = fc.string({ unit: 'binary' }).map((value) => Buffer.from(JSON.stringify(value)));
  const piece = fc.oneof(text, fc.constant(Buffer.from('\ufeff')), fc.uint8Array({ maxLength: 3 }));
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 3 }), fc.nat({ max: 3 }), (pieces, from) => {
      // Not always the whole of a buffer, as in an envelope.
      const bytes = new Uint8Array(Buffer.concat(pieces)).subarray(from);
      expect(valueBy(() => parseJson(bytes))).toEqual(valueBy(() => JSON.parse(decoder.decode(bytes))));
    }),
    { numRuns: 2000 },
  );
});

test('a byte order mark before the JSON is ignored', () => {
  expect(parseJson(Buffer.from('\ufeff{"a":"ü"}'))).toEqual({ a: 'ü' });
});

function valueBy(read: () => unknown): { readonly value: unknown } | undefined {
  try {
    return { value: read() };
  } catch {
    return undefined;
  }
}

function violations(json: unknown): [string, string][] {
  return violationsIn(ScheduleSessionRequestSchema, json).map(({ field, description }) => [field, description]);
}

const withSession = (fields: object) => ({ session: { ...seedRequest.session, ...fields } });

describe('nothing is wrong with', () => {
  test.each<[string, object]>([
    ["the seed's request", seedRequest],
    ['an empty object', {}],
    ['lowerCamelCase', { session: { coachHashId: '1' }, requestId: 'x' }],
    ['null, which counts as absent', { session: null, request_id: null }],
    ['a null beside the other spelling', { session: { coach_hash_id: '1' }, request_id: null }],
    ['digits in a text', withSession({ duration: '60' })],
    ['an exponent', withSession({ duration: '6e1' })],
    ['a whole number with a fraction of 0', withSession({ duration: '60.0' })],
    ['the least int32', withSession({ duration: -2_147_483_648 })],
    ['an offset', withSession({ start: '2022-12-01T14:30:00+05:30' })],
    ['nanoseconds', withSession({ start: '2022-12-01T14:30:00.123456789Z' })],
    ['29 February of a leap year', withSession({ start: '2024-02-29T00:00:00Z' })],
    ['the first instant', withSession({ start: '0001-01-01T00:00:00Z' })],
    ['the last instant', withSession({ start: '9999-12-31T23:59:59.999999999Z' })],
    ['an emoji', withSession({ coach_hash_id: '🙂' })],
    ['an enum by its number', withSession({ state: 1 })],
    ['an enum by a number that is unknown', withSession({ state: 7 })],
  ])('%s', (_, json) => {
    expect(violations(json)).toEqual([]);
    fromJson(ScheduleSessionRequestSchema, json as JsonValue);
  });
});

const TIME = 'must be an RFC 3339 time with a zone, such as 2022-12-01T14:30:00Z';
const INT32 = 'must be a whole number from -2147483648 to 2147483647';
const YEARS = 'must be in the years 1 to 9999';
const CALENDAR = 'is not a valid date and time';

describe('the mistake is reported:', () => {
  test.each<[string, unknown, string, string]>([
    ['a list', [], '', 'must be a JSON object'],
    ['null', null, '', 'must be a JSON object'],
    ['a number', 1, '', 'must be a JSON object'],
    ['an unknown field', { extra: 1 }, 'extra', 'is an unknown field'],
    ['an unknown field below', withSession({ Duration: 1 }), 'session.Duration', 'is an unknown field'],
    ['__proto__', JSON.parse('{"__proto__": {"x": 1}}'), '__proto__', 'is an unknown field'],
    ['constructor', { constructor: 1 }, 'constructor', 'is an unknown field'],
    [
      'both spellings',
      { request_id: 'a', requestId: 'a' },
      'request_id',
      'is given twice, as request_id and as requestId',
    ],
    ['a text for a message', { session: 'x' }, 'session', 'must be a JSON object'],
    ['a list for a message', { session: [{}] }, 'session', 'must be a JSON object'],
    ['a number for a text', withSession({ coach_hash_id: 123 }), 'session.coach_hash_id', 'must be a string'],
    ['half an emoji', withSession({ coach_hash_id: '\ud83d' }), 'session.coach_hash_id', 'must be well-formed Unicode'],
    ['a fraction', withSession({ duration: 1.5 }), 'session.duration', INT32],
    ['a number beyond int32', withSession({ duration: 2_147_483_648 }), 'session.duration', INT32],
    ['a word for a number', withSession({ duration: 'an hour' }), 'session.duration', INT32],
    ['an empty text for a number', withSession({ duration: '' }), 'session.duration', INT32],
    ['a hexadecimal number', withSession({ duration: '0x3c' }), 'session.duration', INT32],
    ['spaces around a number', withSession({ duration: ' 60' }), 'session.duration', INT32],
    ['a boolean for a number', withSession({ duration: true }), 'session.duration', INT32],
    ['an endless number', withSession({ duration: '1e999' }), 'session.duration', INT32],
    ['a number for a time', withSession({ start: 1_669_905_000 }), 'session.start', TIME],
    ['an object for a time', withSession({ start: { seconds: 1 } }), 'session.start', TIME],
    ['nonsense for a time', withSession({ start: 'tomorrow' }), 'session.start', TIME],
    ['a date for a time', withSession({ start: '2022-12-01' }), 'session.start', TIME],
    ['a time without seconds', withSession({ start: '2022-12-01T14:30Z' }), 'session.start', TIME],
    [
      'a time without a zone',
      withSession({ start: '2022-12-01T14:30:00' }),
      'session.start',
      'has no zone: end it with Z or with an offset such as +02:00',
    ],
    [
      'a + that a URL turned into a space',
      withSession({ start: '2022-12-01T14:30:00 02:00' }),
      'session.start',
      'has a space in place of the + of its offset: write + as %2B in a URL',
    ],
    [
      'a leap second',
      withSession({ start: '2016-12-31T23:59:60Z' }),
      'session.start',
      'must not be a leap second: seconds go from 00 to 59',
    ],
    [
      'more digits than nanoseconds',
      withSession({ start: '2022-12-01T14:30:00.1234567890Z' }),
      'session.start',
      'must not have more than 9 digits after the second',
    ],
    ['30 February', withSession({ start: '2030-02-30T09:00:00Z' }), 'session.start', CALENDAR],
    ['month 13', withSession({ start: '2030-13-01T09:00:00Z' }), 'session.start', CALENDAR],
    ['hour 24', withSession({ start: '2030-01-01T24:00:00Z' }), 'session.start', CALENDAR],
    ['minute 60', withSession({ start: '2030-01-01T09:60:00Z' }), 'session.start', CALENDAR],
    [
      'an offset of a day',
      withSession({ start: '2030-01-01T09:00:00+24:00' }),
      'session.start',
      '+24:00 is not a valid UTC offset: offsets go from -23:59 to +23:59',
    ],
    ['the year 0', withSession({ start: '0000-12-31T23:59:59Z' }), 'session.start', YEARS],
    ['the year 10000', withSession({ start: '10000-01-01T00:00:00Z' }), 'session.start', YEARS],
    ['the year 10000 by its offset', withSession({ start: '9999-12-31T23:59:59-00:01' }), 'session.start', YEARS],
    [
      'an unknown name for an enum',
      withSession({ state: 'scheduled' }),
      'session.state',
      expect.stringMatching(
        /^must be one of SESSION_STATE_UNSPECIFIED, SESSION_STATE_SCHEDULED, SESSION_STATE_COMPLETED/,
      ),
    ],
  ])('%s', (_, json, field, description) => {
    expect(violations(json)).toEqual([[field, description]]);
  });

  test('in lists, with the place', () => {
    const json = { sessions: [{}, null, { duration: 'x' }] };
    expect(violationsIn(ListSessionsResponseSchema, json)).toEqual([
      { field: 'sessions[1]', description: 'must not be null' },
      { field: 'sessions[2].duration', description: INT32 },
    ]);
    expect(violationsIn(ListSessionsResponseSchema, { sessions: {} })).toEqual([
      { field: 'sessions', description: 'must be a list' },
    ]);
  });

  test('in a list that is full of them, the first fifty', () => {
    const json = { sessions: Array(100).fill({ duration: 'x' }) };
    const found = violationsIn(ListSessionsResponseSchema, json).map(({ field }) => field);
    expect(found).toEqual(Array.from({ length: 50 }, (_, index) => `sessions[${index}].duration`));
  });

  test('all at once, in the order of the JSON', () => {
    expect(violations({ session: { start: 'x', duration: 1.5, coach: 1 }, extra: 1 })).toEqual([
      ['session.start', TIME],
      ['session.duration', INT32],
      ['session.coach', 'is an unknown field'],
      ['extra', 'is an unknown field'],
    ]);
  });
});

test('what passes the check is a message', () => {
  const time = fc.oneof(
    fc.string(),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.stringMatching(/^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d(\.\d{1,10})?(Z|[+-][0-2]\d:[0-9]\d)$/),
  );
  const number = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.double().map(String), fc.integer().map(String));
  const field = fc.oneof(fc.jsonValue(), time, number, fc.string({ unit: 'binary' }));
  const names = ['coach_hash_id', 'coachHashId', 'from', 'to', 'state', 'page_size', 'pageSize', 'page_token', 'x'];
  const request = fc.dictionary(fc.constantFrom(...names), field);
  fc.assert(
    fc.property(request, (json) => {
      fc.pre(violationsIn(ListSessionsRequestSchema, json).length === 0);
      fromJson(ListSessionsRequestSchema, json as JsonValue);
    }),
    { numRuns: 300 },
  );
});
