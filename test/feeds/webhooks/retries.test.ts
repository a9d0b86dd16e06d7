import { expect, test } from 'vitest';
import { pauseAfter } from '../../../src/feeds/webhooks/retries.js';

const HOUR = 3_600_000;

test('pauses are half to one and a half times as long as they would be, and never more than an hour', () => {
  for (const failures of [1, 2, 5, 12, 13, 14, 100, 100_000]) {
    const exact = Math.min(500 * 2 ** (failures - 1), Number.MAX_SAFE_INTEGER);
    const pauses = Array.from({ length: 100 }, () => pauseAfter(failures));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(Math.min(exact / 2, HOUR));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(Math.min(exact * 1.5, HOUR));
  }
});
