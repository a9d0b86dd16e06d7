import { ScalarType } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { brokenTime, scalarRule } from '../../../src/doors/gateway/json/value-rules.js';

test.each([1, 1900, 2000, 2023, 2024, 9999])(
  'in the year %i, takes the days that the calendar has, and no others',
  (year) => {
    for (let month = 0; month <= 13; month += 1) {
      for (let day = 0; day <= 32; day += 1) {
        const date = [String(year).padStart(4, '0'), ...[month, day].map((n) => String(n).padStart(2, '0'))].join('-');
        const instant = Date.parse(`${date}T00:00:00Z`);
        const exists = !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(date);
        expect(brokenTime(`${date}T00:00:00Z`), date).toBe(exists ? undefined : 'is not a valid date and time');
      }
    }
  },
);

test.each(['24:00:00', '23:60:00', '23:59:61'])('%s is not a time of day', (time) => {
  expect(brokenTime(`2030-01-01T${time}Z`)).toBe('is not a valid date and time');
});

const INT64 = 'must be a whole number from -9223372036854775808 to 9223372036854775807';

test.each([
  ['9223372036854775807', undefined],
  ['-9223372036854775808', undefined],
  ['0', undefined],
  [9_007_199_254_740_991, undefined],
  ['9223372036854775808', INT64],
  ['-9223372036854775809', INT64],
  ['5.0', INT64],
  ['5e0', INT64],
  ['05', INT64],
  ['', INT64],
  [5.5, INT64],
])('of 64 bits, %j is held to its rule', (json, broken) => {
  expect(scalarRule(ScalarType.INT64)(json)).toBe(broken);
});
