import { describe, expect, test } from 'vitest';
import { pauseAfter, retryAfterMs } from '../../../src/feeds/webhooks/retries.js';

const NOON = Date.parse('2030-01-01T12:00:00Z');
const HOUR = 3_600_000;

describe('Retry-After', () => {
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
  ])('%s asks for %s ms', (header, ms) => expect(retryAfterMs(header, NOON)).toBe(ms));
});

test('pauses are half to one and a half times as long as they would be, and never more than an hour', () => {
  for (const failures of [1, 2, 5, 12, 13, 14, 100, 100_000]) {
    const exact = Math.min(500 * 2 ** (failures - 1), Number.MAX_SAFE_INTEGER);
    const pauses = Array.from({ length: 100 }, () => pauseAfter(failures));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(Math.min(exact / 2, HOUR));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(Math.min(exact * 1.5, HOUR));
  }
});
