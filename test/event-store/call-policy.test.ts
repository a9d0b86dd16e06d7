import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { StoreUnavailable } from '../../src/event-store/event-store.js';
import { createCallLimit, repeatUntilAnswered } from '../../src/event-store/kurrentdb/call-policy.js';
import { AccessRefused, NoAnswer } from '../../src/event-store/kurrentdb/client-port.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;

describe('a call that is repeated until it is answered', () => {
  test('gets each time the milliseconds that are left, and 60 % of all at most', async () => {
    const limits: [limit: number, attempts: number][] = [];
    const done = repeatUntilAnswered(
      async (limit, attempts) => {
        limits.push([limit, attempts]);
        await new Promise((resolve) => setTimeout(resolve, 500));
        if (attempts < 1) throw new NoAnswer('lost');
        return 'answer';
      },
      1_000,
      never,
    );
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await done).toBe('answer');
    expect(limits).toEqual([
      [600, 0],
      [480, 1],
    ]);
  });

  test('is made after longer and longer pauses, up to half a second', async () => {
    const times: number[] = [];
    const start = performance.now();
    const done = repeatUntilAnswered(
      async () => {
        times.push(performance.now() - start);
        if (times.length < 9) throw new NoAnswer('lost');
        return 'answer';
      },
      10_000,
      never,
    );
    await vi.advanceTimersByTimeAsync(10_000);
    await done;
    expect(times.map((time, nr) => time - (times[nr - 1] ?? 0))).toEqual([0, 20, 40, 80, 160, 320, 500, 500, 500]);
  });

  test('fails with the last reason when there is no time left for another', async () => {
    let calls = 0;
    const failed = repeatUntilAnswered(
      async () => {
        calls += 1;
        throw new NoAnswer(`lost ${calls}`);
      },
      140,
      never,
    ).catch((error) => error);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await failed).toEqual(new StoreUnavailable('lost 3'));
    expect((await failed).cause).toBeInstanceOf(NoAnswer);
    // At 0, 20 and 60 ms; the next one would be at 140.
    expect(calls).toBe(3);
  });

  test.each([
    ['the user is refused', new AccessRefused('who is there?'), never, StoreUnavailable],
    ['it is impossible', new RangeError('too large'), never, RangeError],
    ['nobody waits any more', new NoAnswer('lost'), AbortSignal.abort(), StoreUnavailable],
  ])('is not repeated when %s', async (_, error, signal, thrown) => {
    let calls = 0;
    const call = async () => {
      calls += 1;
      throw error;
    };
    await expect(repeatUntilAnswered(call, 1_000, signal)).rejects.toThrow(thrown);
    expect(calls).toBe(1);
  });

  test('does not wait for its next attempt when it is aborted', async () => {
    const leaving = new AbortController();
    const failed = expect(
      repeatUntilAnswered(() => Promise.reject(new NoAnswer('lost')), 1_000, leaving.signal),
    ).rejects.toThrow(StoreUnavailable);
    await vi.advanceTimersByTimeAsync(1);
    leaving.abort();
    await failed;
  });
});

describe('a limit of calls under way', () => {
  /** A call that is under way until it is let go. */
  function call(name: string, log: string[]) {
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    return {
      letGo: () => letGo(),
      run: async (left: number) => {
        log.push(`${name}: ${left} ms`);
        await gate;
        return name;
      },
    };
  }

  test('lets the others wait in order of arrival, and tells each the milliseconds that are left', async () => {
    const log: string[] = [];
    const limit = createCallLimit(2);
    const calls = ['a', 'b', 'c', 'd'].map((name) => call(name, log));
    const done = calls.map(({ run }) => limit.run(run, 1_000, never));
    await vi.advanceTimersByTimeAsync(100);
    expect(log).toEqual(['a: 1000 ms', 'b: 1000 ms']);
    calls[1]?.letGo();
    await vi.advanceTimersByTimeAsync(100);
    expect(log.slice(2)).toEqual(['c: 900 ms']);
    for (const { letGo } of calls) letGo();
    await vi.advanceTimersByTimeAsync(0);
    expect(log.slice(3)).toEqual(['d: 800 ms']);
    expect(await Promise.all(done)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is free again after as many calls, also after those that failed', async () => {
    const limit = createCallLimit(1);
    await expect(limit.run(() => Promise.reject(new Error('lost')), 1_000, never)).rejects.toThrow('lost');
    expect(await limit.run(async () => 'a', 1_000, never)).toBe('a');
    const log: string[] = [];
    const calls = ['b', 'c'].map((name) => call(name, log));
    const done = calls.map(({ run }) => limit.run(run, 1_000, never));
    await vi.advanceTimersByTimeAsync(0);
    expect(log).toEqual(['b: 1000 ms']);
    for (const { letGo } of calls) letGo();
    await Promise.all(done);
  });

  test('fails a call that gets no turn in time, or that nobody waits for, and gives its turn to another', async () => {
    const log: string[] = [];
    const limit = createCallLimit(1);
    const [first, last] = [call('first', log), call('last', log)];
    const done = [limit.run(first.run, 1_000, never)];
    const late = expect(limit.run(call('late', log).run, 50, never)).rejects.toThrow(
      new StoreUnavailable('the event store is too busy: the call waited 50 ms for its turn'),
    );
    const leaving = new AbortController();
    const left = expect(limit.run(call('left', log).run, 1_000, leaving.signal)).rejects.toThrow('gone');
    done.push(limit.run(last.run, 1_000, never));
    await vi.advanceTimersByTimeAsync(50);
    leaving.abort(new Error('gone'));
    await Promise.all([late, left]);
    await expect(limit.run(first.run, 1_000, leaving.signal)).rejects.toThrow('gone');
    for (const { letGo } of [first, last]) letGo();
    expect(await Promise.all(done)).toEqual(['first', 'last']);
    expect(log).toEqual(['first: 1000 ms', 'last: 950 ms']);
  });
});
