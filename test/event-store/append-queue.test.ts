import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AppendResult, StoreUnavailable } from '../../src/event-store/event-store.js';
import type { Append } from '../../src/event-store/postgres/append-call.js';
import { type AppendCall, createAppendQueue } from '../../src/event-store/postgres/append-queue.js';

// The queue waits for the next turn of the event loop between calls.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const LIMIT = 5_000;

const warnings: string[] = [];
const log = pino({ level: 'warn' }, { write: (line: string) => warnings.push(JSON.parse(line).msg) });
beforeEach(() => void warnings.splice(0));

/** An append to a stream, of so many events of so many characters each. */
const append = (stream: string, events = 1, size = 2): Append => {
  const event = { id: randomUUID(), type: 'test.v1.Happened', data: ' '.repeat(size), metadata: '' };
  return { stream, expected: 'any', events: Array.from({ length: events }, () => event) };
};

const appended: AppendResult = { outcome: 'appended', revision: 0n, position: 1n };

/** A queue whose calls are answered by `answer`, and the streams of each call. */
function queueOf(answer: (appends: readonly Append[], nr: number) => ReturnType<AppendCall> | undefined) {
  const calls: string[] = [];
  const queue = createAppendQueue(
    (appends) => {
      calls.push(appends.map(({ stream }) => stream).join(' '));
      return answer(appends, calls.length) ?? Promise.resolve(appends.map(() => appended));
    },
    LIMIT,
    log,
  );
  return { queue, calls };
}

const turns = async (count = 5) => {
  for (let nr = 0; nr < count; nr += 1) await new Promise(setImmediate);
};

const lost = () => Promise.reject(new Error('Connection terminated unexpectedly'));

describe('appends that wait', () => {
  test('go together in the next call, one call at a time', async () => {
    let answer = () => {};
    const { queue, calls } = queueOf((appends, nr) => {
      if (nr > 1) return undefined;
      return new Promise((resolve) => {
        answer = () => resolve(appends.map(() => appended));
      });
    });
    const done = [queue.add(append('a')), queue.add(append('b'))];
    await turns();
    done.push(queue.add(append('c')), queue.add(append('d')));
    await turns();
    expect(calls).toEqual(['a b']);
    answer();
    expect(await Promise.all(done)).toEqual([appended, appended, appended, appended]);
    expect(calls).toEqual(['a b', 'c d']);
  });

  test('are answered in order, over several turns of the event loop when they are many', async () => {
    const { queue } = queueOf(() => undefined);
    const answeredAt: number[] = [];
    let turn = 0;
    const done = Array.from({ length: 40 }, async (_, nr) => {
      await queue.add(append(`stream ${nr}`));
      answeredAt[nr] = turn;
    });
    for (; turn < 10; turn += 1) await turns(1);
    await Promise.all(done);
    expect(answeredAt).toEqual(answeredAt.toSorted((one, other) => one - other));
    expect(new Set(answeredAt).size).toBe(3);
  });

  test('get each its own outcome', async () => {
    const { queue } = queueOf(async (appends) =>
      appends.map(({ stream }) => (stream === 'b' ? { outcome: 'conflict', actual: 7n } : appended)),
    );
    const outcomes = await Promise.all(['a', 'b', 'c'].map((stream) => queue.add(append(stream))));
    expect(outcomes).toEqual([appended, { outcome: 'conflict', actual: 7n }, appended]);
  });

  test('for one stream go in calls of their own, in the order in which they came', async () => {
    const { queue, calls } = queueOf(() => undefined);
    await Promise.all(['a', 'a', 'b', 'a', 'c'].map((stream) => queue.add(append(stream))));
    expect(calls).toEqual(['a b c', 'a', 'a']);
  });

  test.each([
    ['250 events', [append('a', 200), append('b', 50), append('c')]],
    ['a million characters', [append('a', 1, 600_000), append('b', 1, 400_000), append('c')]],
  ])('fill a call with %s at most, and none passes another', async (_, appends) => {
    const { queue, calls } = queueOf(() => undefined);
    await Promise.all([...appends, append('d')].map((one) => queue.add(one)));
    expect(calls).toEqual(['a b', 'c d']);
  });

  test('do not wait for ever for a call that is small enough', async () => {
    const { queue, calls } = queueOf(() => undefined);
    await Promise.all([append('a', 300), append('b', 1, 2_000_000)].map((one) => queue.add(one)));
    expect(calls).toEqual(['a', 'b']);
  });
});

describe('when the connection is lost', () => {
  test('the call is repeated after longer and longer pauses, and the outage is logged once', async () => {
    const { queue, calls } = queueOf((_, nr) => (nr <= 7 ? lost() : undefined));
    const done = queue.add(append('a'));
    await turns();
    const seen: number[] = [];
    for (const ms of [20, 40, 80, 160, 320, 500, 500]) {
      await vi.advanceTimersByTimeAsync(ms - 1);
      await turns();
      seen.push(calls.length);
      await vi.advanceTimersByTimeAsync(1);
      await turns();
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await done).toEqual(appended);
    expect(warnings).toEqual(['the appends failed and will be tried again']);
  });

  test('the appends fail after the time limit, and are made no more', async () => {
    const { queue, calls } = queueOf(() => lost());
    const failed = expect(queue.add(append('a'))).rejects.toThrow(
      new StoreUnavailable('the event store did not answer within 5000 ms'),
    );
    await turns();
    await vi.advanceTimersByTimeAsync(LIMIT);
    await failed;
    await vi.advanceTimersByTimeAsync(LIMIT);
    await turns();
    const made = calls.length;
    await vi.advanceTimersByTimeAsync(LIMIT);
    expect(calls).toHaveLength(made);
  });

  test('each append fails at its own time limit, and not before', async () => {
    const { queue } = queueOf(() => lost());
    const settled: string[] = [];
    const add = (stream: string) => queue.add(append(stream)).catch(() => void settled.push(stream));
    const early = add('early');
    await turns();
    await vi.advanceTimersByTimeAsync(LIMIT - 1_000);
    const late = add('late');
    await vi.advanceTimersByTimeAsync(1_000);
    await early;
    await vi.advanceTimersByTimeAsync(LIMIT - 1_001);
    expect(settled).toEqual(['early']);
    await vi.advanceTimersByTimeAsync(1);
    await late;
    expect(settled).toEqual(['early', 'late']);
  });

  test('an append fails at its time limit, too, when it came after all others had failed', async () => {
    const { queue } = queueOf(() => new Promise(() => {}));
    const early = expect(queue.add(append('early'))).rejects.toThrow(StoreUnavailable);
    await turns();
    await vi.advanceTimersByTimeAsync(LIMIT);
    await early;

    let isSettled = false;
    const late = queue.add(append('late')).finally(() => {
      isSettled = true;
    });
    const failed = expect(late).rejects.toThrow(StoreUnavailable);
    await vi.advanceTimersByTimeAsync(LIMIT - 1);
    expect(isSettled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isSettled).toBe(true);
    await failed;
  });

  test('an append that waited too long is left out of the next call', async () => {
    const { queue, calls } = queueOf((_, nr) => (nr === 1 ? new Promise(() => {}).then(lost) : undefined));
    const first = expect(queue.add(append('a'))).rejects.toThrow(StoreUnavailable);
    await turns();
    const second = expect(queue.add(append('b'))).rejects.toThrow(StoreUnavailable);
    await vi.advanceTimersByTimeAsync(LIMIT);
    await Promise.all([first, second]);
    expect(calls).toEqual(['a']);
  });
});

describe('a call that fails for another reason', () => {
  const poison = (appends: readonly Append[]) =>
    appends.some(({ stream }) => stream.startsWith('bad'))
      ? Promise.reject(new Error('unsupported Unicode escape sequence'))
      : undefined;

  test('fails the appends at fault, and no others', async () => {
    const { queue } = queueOf(poison);
    const streams = ['a', 'bad 1', 'b', 'c', 'bad 2', 'd', 'e'];
    const outcomes = await Promise.allSettled(streams.map((stream) => queue.add(append(stream))));
    const fulfilled = streams.filter((_, index) => outcomes[index]!.status === 'fulfilled');
    expect(fulfilled).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(outcomes[1]).toMatchObject({ reason: new Error('unsupported Unicode escape sequence') });
    expect(warnings).toEqual([]);
  });

  test('does not keep later appends from being made', async () => {
    const { queue } = queueOf(poison);
    await expect(queue.add(append('bad'))).rejects.toThrow('unsupported');
    expect(await queue.add(append('a'))).toEqual(appended);
  });
});

describe('once it is closed', () => {
  const closed = new StoreUnavailable('the event store is closed');

  test('the appends under way, those that wait and those that come fail', async () => {
    const { queue, calls } = queueOf(() => new Promise(() => {}));
    const failed = [expect(queue.add(append('a'))).rejects.toThrow(closed)];
    await turns();
    failed.push(expect(queue.add(append('b'))).rejects.toThrow(closed));
    queue.close();
    failed.push(expect(queue.add(append('c'))).rejects.toThrow(closed));
    await Promise.all(failed);
    expect(calls).toEqual(['a']);
  });
});
