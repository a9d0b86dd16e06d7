import {
  create,
  type DescField,
  type DescMessage,
  type MessageInitShape,
  ScalarType,
  toBinary,
} from '@bufbuild/protobuf';
import fc from 'fast-check';
import { FIRST_TIME, LAST_TIME } from '../../src/domain/slot.js';

const TIMESTAMP = 'google.protobuf.Timestamp';
const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };

/** The JSON text of an object. Unlike `JSON.stringify`, it can have `__proto__` and a key twice. */
function objectText(members: readonly (readonly [key: string, text: string])[]): string {
  return `{${members.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join()}}`;
}

/** The JSON text of a request in forms that a generated reader must know: each field or none, in either spelling. */
export function commonText(message: DescMessage): fc.Arbitrary<string> {
  const members = message.fields.map((field) => fc.option(fc.tuple(spelling(field), commonValue(field))));
  return fc.tuple(...members).map((all) => objectText(all.filter((member) => member !== null)));
}

function spelling({ name, jsonName }: DescField): fc.Arbitrary<string> {
  return fc.constantFrom(name, jsonName);
}

function commonValue(field: DescField): fc.Arbitrary<string> {
  const one = commonElement(field);
  if (field.fieldKind !== 'list') return one;
  return fc.array(one, { maxLength: 3 }).map((texts) => `[${texts.join()}]`);
}

function commonElement({ scalar, enum: values, message }: DescField): fc.Arbitrary<string> {
  if (values) {
    const name = fc.constantFrom(...values.values).map((value) => value.name);
    return fc.oneof(name, fc.integer(INT32)).map((json) => JSON.stringify(json));
  }
  if (message?.typeName === TIMESTAMP) return commonTime.map((json) => JSON.stringify(json));
  if (message) return commonText(message);
  return (COMMON[scalar as number] as fc.Arbitrary<unknown>).map((json) => JSON.stringify(json));
}

const commonTime = fc
  .integer({ min: FIRST_TIME, max: LAST_TIME })
  .chain((ms) => fc.constantFrom(ms, Math.floor(ms / 1000) * 1000))
  .map((ms) => new Date(ms).toISOString())
  .chain((text) => fc.constantFrom(text, text.replace('.000Z', 'Z')));

const digits = (digitsAtMost: number) => fc.nat({ max: 10 ** digitsAtMost - 1 }).map(String);

const COMMON: Record<number, fc.Arbitrary<unknown>> = {
  [ScalarType.STRING]: fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
  ),
  [ScalarType.BOOL]: fc.boolean(),
  [ScalarType.INT32]: fc.oneof(fc.integer(INT32), digits(9)),
  [ScalarType.INT64]: fc.oneof(fc.maxSafeInteger(), digits(15)),
  [ScalarType.BYTES]: fc.base64String(),
};

/** Any JSON text that has something to do with the message: right, wrong in some places, or hostile. */
export function anyText(message: DescMessage, depth = 0): fc.Arbitrary<string> {
  const names = message.fields.flatMap(({ name, jsonName }) => [name, jsonName]);
  const key = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...names) },
    fc.constantFrom('__proto__', 'constructor', 'toString', '$typeName', 'valueOf', ''),
    fc.string(),
  );
  const member = key.chain((name) => {
    const field = message.fields.find((one) => one.name === name || one.jsonName === name);
    const inside = field?.message && field.message.typeName !== TIMESTAMP && depth < 3 ? field.message : undefined;
    const right = field ? commonValue(field) : anyValue;
    const value = inside ? fc.oneof(right, anyText(inside, depth + 1), anyValue) : fc.oneof(right, right, anyValue);
    return value.map((text) => [name, text] as const);
  });
  const object = fc.array(member, { maxLength: 6 }).map(objectText);
  return fc.oneof({ weight: 20, arbitrary: object }, anyValue);
}

const NUMBERS = [
  '1e3',
  '6e1',
  '60.0',
  '1.5',
  '-0',
  '-7',
  '007',
  '+1',
  ' 1',
  '0x1',
  '',
  '1e999',
  '123456789012345678901',
];
const MORE_NUMBERS = ['2147483647', '2147483648', '-2147483649', '9007199254740993', '9223372036854775808', 'NaN'];
const TIMES = [
  '2030-02-30T09:00:00Z',
  '2022-12-01T16:30:00+02:00',
  '2022-12-01T14:30:00.123456789Z',
  '2022-12-01T14:30',
];
const MORE_TIMES = ['0001-01-01T00:00:00Z', '0000-12-31T23:59:59Z', '9999-12-31T23:59:59.999Z', '2016-12-31T23:59:60Z'];

/** The text of any JSON value, often one that is almost right. */
const anyValue = fc.oneof(
  fc.constantFrom('null', '-0', '1.5', '2147483648', '-2147483649', '1e400', '9007199254740993', '[]', '{}', '[{}]'),
  fc.constantFrom('{"__proto__":{"x":1}}', '"\\ud83d"', '"\\ude00x"', `${'['.repeat(200)}${']'.repeat(200)}`),
  fc.constantFrom(...NUMBERS, ...MORE_NUMBERS, ...TIMES, ...MORE_TIMES, 'true').map((text) => JSON.stringify(text)),
  fc.jsonValue().map((value) => JSON.stringify(value)),
);

type Init = MessageInitShape<DescMessage>;

/** What `create` makes a message of: each field or none, as handlers answer it. */
export function anyInit(message: DescMessage): fc.Arbitrary<Init> {
  return initOf(message, ANY_INIT);
}

/** What `create` makes a request of whose bytes a generated decoder must know. */
export function commonInit(message: DescMessage): fc.Arbitrary<Init> {
  return initOf(message, COMMON_INIT);
}

/** The values of fields without fields of their own. */
interface Values {
  readonly scalars: Readonly<Record<number, fc.Arbitrary<unknown>>>;
  readonly unknownEnum: fc.Arbitrary<number>;
  readonly seconds: fc.Arbitrary<bigint>;
}

function initOf(message: DescMessage, values: Values): fc.Arbitrary<Init> {
  if (message.typeName === TIMESTAMP) return fc.record({ seconds: values.seconds, nanos }, { requiredKeys: [] });
  return fc
    .tuple(...message.fields.map((field) => fc.option(initValue(field, values), { nil: undefined })))
    .map((all) => {
      const entries = message.fields.map(({ localName }, index) => [localName, all[index]] as const);
      // A field may be left out, or be undefined.
      return Object.fromEntries(entries.filter(([, value], index) => value !== undefined || index % 2 === 0));
    });
}

function initValue(field: DescField, values: Values): fc.Arbitrary<unknown> {
  const one = initElement(field, values);
  return field.fieldKind === 'list' ? fc.array(one, { maxLength: 3 }) : one;
}

function initElement(field: DescField, values: Values): fc.Arbitrary<unknown> {
  if (field.enum) {
    const known = fc.constantFrom(...field.enum.values).map(({ number }) => number);
    return fc.oneof(known, values.unknownEnum);
  }
  if (field.message) return initOf(field.message, values);
  return values.scalars[field.scalar as number] as fc.Arbitrary<unknown>;
}

const ANY_INIT: Values = {
  scalars: {
    [ScalarType.STRING]: fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant('\ud83d"\u0000')),
    [ScalarType.BOOL]: fc.boolean(),
    [ScalarType.INT32]: fc.oneof(fc.integer(INT32), fc.constantFrom(0, -0)),
    [ScalarType.INT64]: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    [ScalarType.BYTES]: fc.uint8Array(),
  },
  unknownEnum: fc.integer(INT32),
  seconds: fc.bigInt({ min: BigInt(FIRST_TIME / 1000), max: BigInt(Math.floor(LAST_TIME / 1000)) }),
};

const COMMON_INIT: Values = {
  scalars: {
    // U+FFFD is what malformed UTF-8 decodes to: a decoder leaves it.
    [ScalarType.STRING]: fc
      .oneof(fc.string({ maxLength: 200 }), fc.string({ unit: 'grapheme' }))
      .filter((text) => !text.includes('\ufffd')),
    [ScalarType.BOOL]: fc.boolean(),
    [ScalarType.INT32]: fc.nat(INT32.max),
    [ScalarType.INT64]: fc.bigInt({ min: 0n, max: 2n ** 49n - 1n }),
    [ScalarType.BYTES]: fc.uint8Array({ maxLength: 200 }),
  },
  unknownEnum: fc.nat(INT32.max),
  seconds: fc.bigInt({ min: 0n, max: BigInt(Math.floor(LAST_TIME / 1000)) }),
};

const nanos = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 999 }).map((ms) => ms * 1_000_000),
  fc.integer({ min: 0, max: 999_999 }).map((us) => us * 1_000),
  fc.integer({ min: 0, max: 999_999_999 }),
);

/** Any bytes that have something to do with the message: right, wrong in some places, or hostile. */
export function anyBytes(message: DescMessage): fc.Arbitrary<Uint8Array> {
  const right = fc.oneof(commonInit(message), anyInit(message)).map((init) => toBinary(message, create(message, init)));
  const bytes = fc.oneof({ weight: 2, arbitrary: right }, anyFields(message));
  const mutated = fc
    .tuple(bytes, fc.nat(), fc.nat(), fc.uint8Array({ maxLength: 4 }))
    .map(([whole, at, count, inPlace]) => {
      const start = at % (whole.length + 1);
      return Uint8Array.from([...whole.slice(0, start), ...inPlace, ...whole.slice(start + (count % 4))]);
    });
  const truncated = fc.tuple(bytes, fc.nat()).map(([whole, at]) => whole.slice(0, at % (whole.length + 1)));
  // Fields that come again: the last value counts, messages are merged.
  const twice = fc.tuple(bytes, bytes).map(([first, second]) => Uint8Array.from([...first, ...second]));
  return fc.oneof(bytes, mutated, truncated, twice, fc.uint8Array());
}

/** Fields by known numbers and others, of any wire type, with values that may be of that type. */
function anyFields(message: DescMessage): fc.Arbitrary<Uint8Array> {
  const number = fc.oneof(fc.constantFrom(...message.fields.map((field) => field.number)), fc.nat({ max: 300 }));
  const value = fc.oneof(
    fc.constantFrom([0], [1], [0x7f], [0x80, 0x00], [0xff, 0xff, 0xff, 0xff, 0x0f], [0x0b], [0x0c], []),
    fc.constantFrom([...Array(9).fill(0xff), 0x01], Array(11).fill(0xff), [...Array(9).fill(0x80), 0x02]),
    fc.constantFrom([1, 0xff], [3, 0xef, 0xbf, 0xbd], [3, 0xef, 0xbb, 0xbf], [2, 0xc3, 0xbc], [3, 0xed, 0xa0, 0x80]),
    fc.uint8Array({ maxLength: 9 }).map((bytes) => [bytes.length, ...bytes]),
    fc.uint8Array({ maxLength: 9 }).map((bytes) => [...bytes]),
  );
  const field = fc
    .tuple(number, fc.nat({ max: 7 }), value)
    .map(([no, wireType, bytes]) => [...tag(no, wireType), ...bytes]);
  return fc.array(field, { maxLength: 6 }).map((fields) => Uint8Array.from(fields.flat()));
}

function tag(number: number, wireType: number): number[] {
  const value = 8 * number + wireType;
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, Math.floor(value / 0x80)];
}
