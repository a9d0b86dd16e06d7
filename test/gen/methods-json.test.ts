import { create, type DescMessage, fromJson, getOption, type JsonValue, toJson } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { violationsIn } from '../../src/doors/gateway/json/read-message.js';
import { may_be_partial } from '../../src/gen/aceup/scheduler/v1/rest_pb.js';
import { SessionService } from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { answerWriters, requestReaders } from '../../src/gen/methods_json.js';
import { anyInit, anyText, commonText } from './arbitrary.js';
import { ANSWERS, REQUESTS } from './methods.js';

describe.each(REQUESTS)('%s', (_, input) => {
  const read = requestReaders.get(input)!;

  test('every request in a common form is read, as fromJson reads it', () => {
    fc.assert(
      fc.property(commonText(input), (text) => {
        const json = JSON.parse(text);
        expect(read(json)).toStrictEqual(fromJson(input, json));
      }),
    );
  });

  test('any other request is read as fromJson reads it, or not at all', () => {
    let taken = 0;
    let left = 0;
    fc.assert(
      fc.property(anyText(input), (text) => {
        const json: unknown = JSON.parse(text);
        const message = read(json);
        if (message === undefined) left += 1;
        else {
          taken += 1;
          expect(violationsIn(input, json)).toEqual([]);
          expect(message).toStrictEqual(fromJson(input, json as JsonValue));
        }
      }),
      { numRuns: 500 },
    );
    expect(Math.min(taken, left)).toBeGreaterThan(20);
  });
});

describe.each(ANSWERS)('%s', (_, output) => {
  const write = answerWriters.get(output)!;

  test('an answer is written as toJson writes it, from a message and from what it is made of', () => {
    fc.assert(
      fc.property(anyInit(output), (init) => {
        const message = create(output, init);
        const text = textByReflection(output, message);
        expect(write(message)).toBe(text);
        expect(write(init)).toBe(partialText(output, init, text));
      }),
    );
  });
});

function textByReflection(desc: DescMessage, message: ReturnType<typeof create>): string {
  return JSON.stringify(toJson(desc, message, { useProtoFieldName: true, alwaysEmitImplicit: true }));
}

/** The text of an answer without the fields that messages of it do not have, where the protos say that they may. */
function partialText(desc: DescMessage, init: object, text: string): string {
  const lists = desc.fields.filter((field) => getOption(field, may_be_partial));
  if (lists.length === 0) return text;
  const json = JSON.parse(text) as Record<string, Record<string, unknown>[]>;
  for (const { name, localName, message } of lists) {
    const items = (init as Record<string, Record<string, unknown>[] | undefined>)[localName] ?? [];
    for (const [index, item] of items.entries()) {
      const absent = message!.fields.filter((field) => item[field.localName] === undefined);
      for (const field of absent) delete json[name]![index]![field.name];
    }
  }
  return JSON.stringify(json);
}

describe('an answer is not written with', () => {
  const { output } = SessionService.method.getSession;
  test.each<[string, object]>([
    ['a time before the year 1', { start: { seconds: -62_135_596_801n } }],
    ['a time after the year 9999', { start: { seconds: 253_402_300_800n } }],
    ['negative nanoseconds', { start: { nanos: -1 } }],
    ['a second of nanoseconds', { start: { nanos: 1_000_000_000 } }],
  ])('%s', (_, session) => {
    expect(() => textByReflection(output, create(output, { session }))).toThrow();
    expect(() => answerWriters.get(output)!({ session })).toThrow(RangeError);
  });

  test.each([[1.5], [2 ** 31], [Number.NaN]])('%s for an int32', (duration) => {
    expect(() => answerWriters.get(output)!({ session: { duration } })).toThrow(RangeError);
  });
});
