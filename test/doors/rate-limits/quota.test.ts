import { describe, expect, test } from 'vitest';
import { createQuota, MAX_KEYS } from '../../../src/doors/rate-limits/quota.js';

/** A quota of so many points, and the clock it goes by. */
function quotaOf(points: number) {
  const clock = { now: 5_000 };
  return { quota: createQuota(points, () => clock.now), clock };
}

describe('a quota', () => {
  test('lasts for as many as it has points', () => {
    const { quota } = quotaOf(3);
    expect([1, 2, 3].map(() => quota('one'))).toEqual([0, 0, 0]);
    expect(quota('one')).toBe(60_000);
  });

  test('is the own of each key', () => {
    const { quota } = quotaOf(1);
    expect(['one', 'other'].map(quota)).toEqual([0, 0]);
  });

  test('says how long a key has to wait', () => {
    const { quota, clock } = quotaOf(1);
    quota('one');
    clock.now += 48_250;
    expect(quota('one')).toBe(11_750);
  });

  test('begins anew a minute after the first that was counted', () => {
    const { quota, clock } = quotaOf(1);
    quota('one');
    clock.now += 59_999;
    expect(quota('one')).toBe(1);
    clock.now += 1;
    expect(quota('one')).toBe(0);
    expect(quota('one')).toBe(60_000);
  });

  test('does not begin later for those who go on asking', () => {
    const { quota, clock } = quotaOf(1);
    for (let second = 0; second < 60; second += 1) {
      quota('one');
      clock.now += 1_000;
    }
    expect(quota('one')).toBe(0);
  });
});

describe('the memory of a quota', () => {
  test('has no more than 100,000 keys, and forgets those that began first', () => {
    const { quota } = quotaOf(1);
    for (let n = 0; n <= MAX_KEYS; n += 1) quota(`key-${n}`);
    expect(quota(`key-${MAX_KEYS}`)).toBe(60_000);
    expect(quota(`key-${MAX_KEYS / 2}`)).toBe(60_000);
    expect(quota('key-0')).toBe(0);
  });

  test('keeps minutes that go on when others begin anew', () => {
    const { quota, clock } = quotaOf(1);
    quota('first');
    clock.now += 59_000;
    quota('one');
    clock.now += 1_500;
    quota('other');
    expect(quota('one')).toBe(58_500);
  });

  test('loses nobody to keys whose minutes are over', () => {
    const { quota, clock } = quotaOf(1);
    for (let n = 0; n < 0.3 * MAX_KEYS; n += 1) quota(`over-${n}`);
    clock.now += 60_000;
    quota('one');
    for (let n = 0; n < 0.74 * MAX_KEYS; n += 1) quota(`key-${n}`);
    expect(quota('one')).toBe(60_000);
  });

  test('takes as long for a new key when it is full', () => {
    const { quota } = quotaOf(1);
    for (let n = 0; n < MAX_KEYS; n += 1) quota(`key-${n}`);
    // Processor time: a busy machine may be at something else meanwhile.
    const before = process.cpuUsage();
    for (let n = 0; n < 10_000; n += 1) quota(`new-${n}`);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(500);
  });
});
