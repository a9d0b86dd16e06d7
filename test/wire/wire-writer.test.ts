import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import {
  GetSessionHistoryResponseSchema,
  ListSessionsResponseSchema,
} from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { answerEncoders } from '../../src/gen/methods_binary.js';

const encode = answerEncoders.get(ListSessionsResponseSchema)!;

function byReflection(answer: object): Buffer {
  return Buffer.from(toBinary(ListSessionsResponseSchema, create(ListSessionsResponseSchema, answer)));
}

// Around the lengths at which a loop no longer writes the text, and at which a length takes a byte more.
const LENGTHS = [0, 1, 63, 64, 65, 127, 128, 16_383, 16_384, 2 ** 21 - 1, 2 ** 21];

test.each(LENGTHS)('a text of %i letters, alone and in a message', (length) => {
  for (const letter of ['a', 'ü', '\u{1f600}', '\ud800']) {
    const text = letter.repeat(length);
    const answer = { sessions: [{ id: 'first', reason: text }, { reason: `${text}ü` }], nextPageToken: text };
    expect(encode(answer).equals(byReflection(answer))).toBe(true);
  }
});

test('an answer is not changed by the next one', () => {
  const answer = { nextPageToken: 'a token' };
  const bytes = encode(answer);
  encode({ nextPageToken: 'another' });
  expect(bytes).toEqual(byReflection(answer));
});

test('an answer after one that could not be written', () => {
  expect(() => encode({ sessions: [{ id: 'half', duration: 1.5 }] })).toThrow(RangeError);
  expect(encode({ nextPageToken: 'a token' })).toEqual(byReflection({ nextPageToken: 'a token' }));
});

describe('an answer is not written with', () => {
  test.each([[1.5], [2 ** 31], [-(2 ** 31) - 1], [Number.NaN]])('%s for an int32', (duration) => {
    expect(() => byReflection({ sessions: [{ duration }] })).toThrow();
    expect(() => encode({ sessions: [{ duration }] })).toThrow(RangeError);
  });

  test.each([[2n ** 63n], [-(2n ** 63n) - 1n]])('%s for an int64', (revision) => {
    const answer = { changes: [{ revision }] };
    expect(() => toBinary(GetSessionHistoryResponseSchema, create(GetSessionHistoryResponseSchema, answer))).toThrow();
    expect(() => answerEncoders.get(GetSessionHistoryResponseSchema)!(answer)).toThrow(RangeError);
  });
});
