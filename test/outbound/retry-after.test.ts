import { expect, test } from 'vitest';
import { retryAfterMs } from '../../src/outbound/retry-after.js';

const NOON = Date.parse('2030-01-01T12:00:00Z');
const HOUR = 3_600_000;

test.each([
  ['0', 0],
  ['1', 1_000],
  ['3600', HOUR],
  ['3601', HOUR],
  ['9999999999', HOUR],
  ['Tue, 01 Jan 2030 12:00:30 GMT', 30_000],
  ['Tuesday, 01-Jan-30 12:00:30 GMT', 30_000],
  ['Tue, 01 Jan 2030 11:00:00 GMT', 0],
  ['Wed, 02 Jan 2030 12:00:00 GMT', HOUR],
  ['', undefined],
  ['soon', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['2030', 2_030_000],
  ['2030-01-01T12:00:30Z', undefined],
  ['99999999999', undefined],
  [undefined, undefined],
])('Retry-After: %s asks for %s ms', (header, ms) => expect(retryAfterMs(header, NOON, HOUR)).toBe(ms));
