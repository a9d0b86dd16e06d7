import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerEncoders, requestDecoders } from '../../src/gen/methods_binary.js';
import { anyBytes, anyInit, commonInit } from './arbitrary.js';
import { ANSWERS, REQUESTS } from './methods.js';

describe.each(REQUESTS)('%s', (_, input) => {
  const decode = requestDecoders.get(input)!;

  test('every request in the common form is decoded, as fromBinary reads it', () => {
    fc.assert(
      fc.property(commonInit(input), (init) => {
        const bytes = toBinary(input, create(input, init));
        expect(decode(bytes)).toStrictEqual(fromBinary(input, bytes));
      }),
    );
  });

  test('any other bytes are decoded as fromBinary reads them, or not at all', () => {
    let taken = 0;
    let left = 0;
    fc.assert(
      fc.property(anyBytes(input), (bytes) => {
        const message = decode(bytes);
        if (message === undefined) left += 1;
        else {
          taken += 1;
          expect(message).toStrictEqual(fromBinary(input, bytes));
        }
      }),
      { numRuns: 500 },
    );
    expect(Math.min(taken, left)).toBeGreaterThan(20);
  });
});

describe.each(ANSWERS)('%s', (_, output) => {
  const encode = answerEncoders.get(output)!;

  test('an answer is encoded as toBinary writes it, from a message and from what it is made of', () => {
    fc.assert(
      fc.property(anyInit(output), (init) => {
        const message = create(output, init);
        const bytes = toBinary(output, message);
        expect(new Uint8Array(encode(message))).toEqual(bytes);
        expect(new Uint8Array(encode(init))).toEqual(bytes);
      }),
    );
  });
});
