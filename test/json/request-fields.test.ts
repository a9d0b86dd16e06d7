import { describe, expect, test } from 'vitest';
import { readInt32, readInt64, readText, readTime } from '../../src/json/request-fields.js';

describe('known forms:', () => {
  test.each<[string, unknown, unknown]>([
    ['the greatest int32', readInt32(2_147_483_647), 2_147_483_647],
    ['the least int32', readInt32(-2_147_483_648), -2_147_483_648],
    ['an int32 in 9 digits', readInt32('999999999'), 999_999_999],
    ['an int64 in 18 digits', readInt64('999999999999999999'), 999_999_999_999_999_999n],
    ['a number for an int64', readInt64(-7), -7n],
    ['an emoji', readText('🙂'), '🙂'],
    ['a time', readTime('1969-12-31T23:59:59.999Z')?.seconds, -1n],
  ])('%s', (_, read, value) => {
    expect(read).toBe(value);
  });
});

describe('left to the protobuf JSON mapping in full:', () => {
  test.each<[string, (json: unknown) => unknown, unknown[]]>([
    ['numbers beyond int32', readInt32, [2_147_483_648, -2_147_483_649, '2147483648', 1.5]],
    ['numbers in another text', readInt32, ['', '-1', '+1', '01', '1.0', '1e3', ' 1', '1\n', '0x1', '١']],
    ['numbers beyond what a number of JSON can carry', readInt64, [2 ** 53, '9223372036854775808', 0.5]],
    ['half an emoji', readText, ['\ud83d', '\ude42']],
    ['a time in another form', readTime, ['2030-01-01T09:00:00+02:00', 'noon', 0]],
    ['null', readInt32, [null, undefined, true, [1], {}]],
  ])('%s', (_, read, values) => {
    expect(values.map(read)).toEqual(values.map(() => undefined));
  });
});
