import { Code, ConnectError } from '@connectrpc/connect';
import { describe, expect, test } from 'vitest';
import { createRateLimits, type RateLimitSettings } from '../../../src/doors/rate-limits/rate-limits.js';
import type { SharedQuotas } from '../../../src/doors/rate-limits/shared-quotas.js';
import { SessionService } from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { ErrorInfoSchema, RetryInfoSchema } from '../../../src/gen/google/rpc/error_details_pb.js';
import { detailOf } from '../../../src/handlers/answer/errors.js';

const { listSessions, scheduleSession, getSession, cancelSession } = SessionService.method;

/** Limits as set, and the clock that they go by. */
function limitsOf(settings: Partial<RateLimitSettings>, shared?: SharedQuotas) {
  const clock = { now: 1_000 };
  const set = { RATE_LIMIT_FAILED_AUTH: 100, RATE_LIMIT_STREAMS: 100, ...settings };
  return { ...createRateLimits(set, shared, () => clock.now), clock };
}

/** Counts later, as Redis does. */
const later: SharedQuotas = { quota: (_name, _points, own) => async (key) => own(key), close() {} };

/** What a count comes to: nothing, or the error. */
function outcomeOf(count: () => unknown): unknown {
  try {
    return count();
  } catch (error) {
    return error;
  }
}

const isRefused = (count: () => unknown) => outcomeOf(count) instanceof ConnectError;

/** Calls of one caller, one after the other: how many go on. */
function allowed(times: number, count: () => unknown): number {
  return Array.from({ length: times }).filter(() => !isRefused(count)).length;
}

const read = { method: listSessions, caller: '192.0.2.7' };
const write = { method: scheduleSession, caller: '192.0.2.7' };

describe('the limits of calls', () => {
  test('are none when none is set', () => {
    expect(limitsOf({}).countCall).toBeUndefined();
  });

  test('are for reads and for writes', () => {
    const { countCall } = limitsOf({ RATE_LIMIT_READS: 3, RATE_LIMIT_WRITES: 2 });
    expect(allowed(9, () => countCall?.(read, ''))).toBe(3);
    expect(allowed(9, () => countCall?.(write, ''))).toBe(2);
  });

  test('count all reads together, and all writes', () => {
    const { countCall } = limitsOf({ RATE_LIMIT_READS: 1, RATE_LIMIT_WRITES: 1 });
    countCall?.(read, '');
    countCall?.(write, '');
    expect(isRefused(() => countCall?.({ ...read, method: getSession }, ''))).toBe(true);
    expect(isRefused(() => countCall?.({ ...write, method: cancelSession }, ''))).toBe(true);
  });

  test('leave writes alone when only reads have one', () => {
    const { countCall } = limitsOf({ RATE_LIMIT_READS: 1 });
    expect(allowed(50, () => countCall?.(write, ''))).toBe(50);
  });

  test('are those of an address when nobody says who calls', () => {
    const { countCall } = limitsOf({ RATE_LIMIT_READS: 1 });
    countCall?.(read, '');
    expect(isRefused(() => countCall?.({ ...read, caller: '192.0.2.8' }, ''))).toBe(false);
  });

  test('are those of a subject, from any address', () => {
    const { countCall } = limitsOf({ RATE_LIMIT_READS: 1 });
    countCall?.(read, 'carol');
    expect(isRefused(() => countCall?.({ ...read, caller: '192.0.2.8' }, 'carol'))).toBe(true);
    expect(isRefused(() => countCall?.(read, 'dave'))).toBe(false);
  });

  test('are ten times as high for an address as for its subjects', () => {
    const { countCall } = limitsOf({ RATE_LIMIT_READS: 2 });
    let subject = 0;
    expect(allowed(50, () => countCall?.(read, `subject-${subject++}`))).toBe(20);
  });

  test.each([
    ['by this process', undefined],
    ['by Redis', later],
  ])('counted %s, take nothing of an address for calls that are refused to one caller', async (_, shared) => {
    const { countCall } = limitsOf({ RATE_LIMIT_READS: 2, RATE_LIMIT_ADDRESS_READS: 4 }, shared);
    const count = async (subject: string) => countCall?.(read, subject);
    await Promise.allSettled(Array.from({ length: 9 }, () => count('carol')));
    await expect(count('dave')).resolves.toBeUndefined();
  });

  test('are those that are set for an address, be there one for its subjects or not', () => {
    const { countCall } = limitsOf({ RATE_LIMIT_READS: 2, RATE_LIMIT_ADDRESS_READS: 5, RATE_LIMIT_ADDRESS_WRITES: 3 });
    let subject = 0;
    expect(allowed(50, () => countCall?.(read, `subject-${subject++}`))).toBe(5);
    expect(allowed(50, () => countCall?.(write, 'carol'))).toBe(3);
  });

  test('are those of an address for callers that are not verified, too', () => {
    const { countCall } = limitsOf({ RATE_LIMIT_READS: 5, RATE_LIMIT_ADDRESS_READS: 2, RATE_LIMIT_ADDRESS_WRITES: 3 });
    expect(allowed(50, () => countCall?.(read, ''))).toBe(2);
    expect(allowed(50, () => countCall?.(write, ''))).toBe(3);
  });

  test('take names of any length, and tell them apart', () => {
    const { countCall } = limitsOf({ RATE_LIMIT_READS: 1 });
    const name = 'x'.repeat(100_000);
    countCall?.(read, name);
    expect(isRefused(() => countCall?.(read, name))).toBe(true);
    expect(isRefused(() => countCall?.(read, `${name}y`))).toBe(false);
  });

  test('need no promise', () => {
    const { countCall } = limitsOf({ RATE_LIMIT_READS: 1 });
    expect(countCall?.(read, 'carol')).toBeUndefined();
  });
});

describe('a refusal', () => {
  function refusalOf(wait: number): ConnectError {
    const { countCall, clock } = limitsOf({ RATE_LIMIT_READS: 100 });
    allowed(100, () => countCall?.(read, ''));
    clock.now += 60_000 - wait;
    return outcomeOf(() => countCall?.(read, '')) as ConnectError;
  }

  test('is RESOURCE_EXHAUSTED with a reason', () => {
    expect(refusalOf(60_000)).toMatchObject({
      code: Code.ResourceExhausted,
      rawMessage: 'at most 100 reads a minute for a caller; try again in 60 s',
    });
    expect(detailOf(refusalOf(60_000), ErrorInfoSchema)).toMatchObject({ reason: 'RATE_LIMITED' });
  });

  test.each([
    [11_400, { seconds: 11n, nanos: 400_000_000 }],
    [11_000, { seconds: 11n, nanos: 0 }],
    [11_999.5, { seconds: 12n, nanos: 0 }],
    [0.25, { seconds: 0n, nanos: 1_000_000 }],
  ])('after %d ms of waiting has the time in its RetryInfo', (wait, retryDelay) => {
    expect(detailOf(refusalOf(wait), RetryInfoSchema)).toMatchObject({ retryDelay });
  });

  test('has the fields of the draft, in whole seconds', () => {
    expect(Object.fromEntries(refusalOf(11_400).metadata)).toEqual({
      'retry-after': '12',
      'ratelimit-policy': '"reads";q=100;w=60',
      ratelimit: '"reads";r=0;t=12',
    });
  });
});

describe('the limit of failed authentications', () => {
  test('is 100 a minute and address', () => {
    const { countFailure, clock } = limitsOf({});
    expect(allowed(150, () => countFailure('192.0.2.7'))).toBe(100);
    expect(allowed(1, () => countFailure('192.0.2.8'))).toBe(1);
    clock.now += 60_000;
    expect(allowed(1, () => countFailure('192.0.2.7'))).toBe(1);
  });
});

describe('the limit of open streams', () => {
  test('is one of each caller', () => {
    const { openStream } = limitsOf({ RATE_LIMIT_STREAMS: 2 });
    expect(allowed(5, () => openStream('one'))).toBe(2);
    expect(allowed(5, () => openStream('other'))).toBe(2);
  });

  test('lets the next one open when one is closed', () => {
    const { openStream } = limitsOf({ RATE_LIMIT_STREAMS: 2 });
    const close = openStream('one');
    openStream('one');
    expect(isRefused(() => openStream('one'))).toBe(true);
    close();
    expect(isRefused(() => openStream('one'))).toBe(false);
  });

  test('says in the fields of the draft that it is no limit of a time', () => {
    const { openStream } = limitsOf({ RATE_LIMIT_STREAMS: 1 });
    openStream('one');
    const refusal = outcomeOf(() => openStream('one')) as ConnectError;
    expect(Object.fromEntries(refusal.metadata)).toEqual({
      'retry-after': '1',
      'ratelimit-policy': '"streams";q=1;qu="concurrent-requests"',
      ratelimit: '"streams";r=0',
    });
  });
});
