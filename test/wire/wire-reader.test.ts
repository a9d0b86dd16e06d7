import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { ListSessionsRequestSchema } from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { requestDecoders } from '../../src/gen/methods_binary.js';

// coach_hash_id = 1, client_hash_id = 2, from = 3, state = 5, page_size = 6, as_of_revision = 11, states = 12,
// fields = 15
const decode = requestDecoders.get(ListSessionsRequestSchema)!;

/** The decoder's answer, which must be that of `fromBinary`. */
function decoded(bytes: readonly number[]) {
  const message = decode(Uint8Array.from(bytes));
  if (message) expect(message).toStrictEqual(fromBinary(ListSessionsRequestSchema, Uint8Array.from(bytes)));
  return message;
}

test.each<[string, number[], object]>([
  ['no fields', [], {}],
  ['a text', [0x0a, 2, 0x61, 0x62], { coachHashId: 'ab' }],
  ['a text in UTF-8, with a byte order mark', [0x0a, 5, 0xef, 0xbb, 0xbf, 0xc3, 0xbc], { coachHashId: '\ufeffü' }],
  ['a field twice, of which the last counts', [0x0a, 1, 0x61, 0x0a, 1, 0x62], { coachHashId: 'b' }],
  ['the largest int32', [0x30, 0xff, 0xff, 0xff, 0xff, 0x07], { pageSize: 2 ** 31 - 1 }],
  ['a number in more bytes than it needs', [0x30, 0x81, 0x00], { pageSize: 1 }],
  ['a tag in more bytes than it needs', [0xb0, 0x00, 1], { pageSize: 1 }],
  ['an enum value that is unknown here', [0x28, 99], { state: 99 }],
  ['an int64 of 49 bits', [0x58, ...Array(6).fill(0xff), 0x7f], { asOfRevision: 2n ** 49n - 1n }],
  ['an explicit zero', [0x58, 0], { asOfRevision: 0n }],
  ['a time without fields', [0x1a, 0], { from: { seconds: 0n, nanos: 0 } }],
  ['a list of enum values', [0x62, 3, 1, 0x80, 0x01], { states: [1, 128] }],
  ['a list in two parts', [0x62, 1, 1, 0x62, 1, 2], { states: [1, 2] }],
  ['a list of texts', [0x7a, 1, 0x61, 0x7a, 0], { fields: ['a', ''] }],
  ['a time', [0x1a, 4, 0x08, 5, 0x10, 7], { from: { seconds: 5n, nanos: 7 } }],
])('decoded: %s', (_, bytes, fields) => {
  expect(decoded(bytes)).toMatchObject(fields);
});

describe('left to fromBinary', () => {
  test.each<[string, number[]]>([
    ['an unknown field', [0x98, 0x06, 1]],
    ['a field of another wire type', [0x08, 1]],
    ['a group', [0x0b, 0x0c]],
    ['a tag of no field', [0, 0]],
    ['a message twice, to be merged', [0x1a, 2, 0x08, 5, 0x1a, 2, 0x10, 7]],
    ['a negative int32', [0x30, ...Array(9).fill(0xff), 0x01]],
    ['an int32 beyond 31 bits', [0x30, 0x80, 0x80, 0x80, 0x80, 0x08]],
    ['an int64 beyond 49 bits', [0x58, ...Array(7).fill(0x80), 0x01]],
    ['a varint without an end', [0x30, ...Array(11).fill(0x80)]],
    ['malformed UTF-8', [0x0a, 1, 0xff]],
    ['a surrogate in UTF-8', [0x0a, 3, 0xed, 0xa0, 0x80]],
    ['a replacement character', [0x0a, 3, 0xef, 0xbf, 0xbd]],
    ['a text that ends too soon', [0x0a, 2, 0x61]],
    ['a number that is missing', [0x30]],
    ['a list that ends within a number', [0x62, 1, 0x80, 0x01]],
    ['a list that ends too soon', [0x62, 2, 1]],
    ['a list of values one by one', [0x60, 1]],
    ['a message that ends too soon', [0x1a, 4, 0x08, 5]],
    ['a message whose field is longer than itself', [0x1a, 1, 0x08, 5]],
    ['a text of 4 GiB', [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x61]],
    ['a message of 4 GiB', [0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x08]],
  ])('%s', (_, bytes) => {
    expect(decoded(bytes)).toBeUndefined();
  });
});

test('bytes within others are decoded, whether they are a Buffer or not', () => {
  const bytes = Uint8Array.from([0xff, 0x0a, 1, 0x61, 0xff]);
  expect(decode(bytes.subarray(1, 4))).toMatchObject({ coachHashId: 'a' });
  expect(decode(Buffer.from(bytes).subarray(1, 4))).toMatchObject({ coachHashId: 'a' });
});
