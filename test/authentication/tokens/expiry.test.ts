import { expect, test } from 'vitest';
import { expiryOf } from '../../../src/authentication/tokens/expiry.js';
import { NOW } from './samples.js';

test.each([
  ['90d', '2030-05-30T12:00:00Z'],
  ['12h', '2030-03-02T00:00:00Z'],
  ['30m', '2030-03-01T12:30:00Z'],
  ['366d', '2031-03-02T12:00:00Z'],
  ['2030-03-02', '2030-03-02T00:00:00Z'],
  ['2030-03-02T12:00:00+01:00', '2030-03-02T11:00:00Z'],
  ['2030-03-02T12:00Z', '2030-03-02T12:00:00Z'],
])('%s is a time ahead', (text, expected) => {
  expect(expiryOf(text, NOW)).toBe(Date.parse(expected));
});

test.each([
  ...['', '0d', '-1d', '1.5d', '1w', '90', 'd', '367d', '9999999d', 'never', 'tomorrow', '1 March 2031'],
  ...['2030-03-01', '2030-03-01T12:00:00Z', '2031-03-03', '2030-04-31', '2030-13-01', '2030-03-02T12:00'],
])('"%s" is not', (text) => {
  expect(expiryOf(text, NOW)).toBeUndefined();
});
