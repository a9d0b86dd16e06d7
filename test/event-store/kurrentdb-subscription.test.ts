import { getEventListeners } from 'node:events';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Position, RecordedEvent } from '../../src/event-store/event-store.js';
import { type Delivery, type KurrentdbClient, NoAnswer } from '../../src/event-store/kurrentdb/client-port.js';
import { followLog } from '../../src/event-store/kurrentdb/kurrentdb-subscription.js';

const LIMIT = 3_000;
const SILENCE = 5_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const event = (position: bigint): Delivery => ({ kind: 'event', event: { position } as RecordedEvent });
const checkpoint = (position: bigint): Delivery => ({ kind: 'checkpoint', position });
const caughtUp: Delivery = { kind: 'caughtUp' };

/** What a subscription delivers, one step for each `take`. A number is the head from then on, after which it is silent. */
type Step = readonly Delivery[] | Error | bigint;

/** A client whose subscriptions follow a script each. After the last step of the last one, nothing comes any more. */
function clientOf(head: Position, ...scripts: Step[][]) {
  const log: string[] = [];
  let end = head;
  const client = {
    head: async (limit: number) => {
      log.push(`head ${limit}`);
      return end;
    },
    subscribe(from: Position, prefixes: readonly string[], window: number) {
      log.push(`subscribe ${from} ${prefixes} ${window}`);
      const steps = scripts.shift() ?? [];
      let closed = () => {};
      return {
        async take(limit: number) {
          log.push(`take ${limit}`);
          const step = steps.shift();
          if (step instanceof Error) throw step;
          if (Array.isArray(step)) return step;
          if (typeof step === 'bigint') end = step;
          // Silent until the limit; after the last step, until it is closed.
          await new Promise<void>((resolve, reject) => {
            closed = () => reject(new NoAnswer('the subscription is closed'));
            if (step !== undefined) setTimeout(resolve, limit);
          });
          return [];
        },
        close() {
          log.push('close');
          closed();
        },
      };
    },
  } as unknown as KurrentdbClient;
  return { client, log };
}

/** Follows a client's log from a position until it has no more to say. */
async function follow(from: Position, client: KurrentdbClient) {
  const warnings: unknown[] = [];
  const write = (line: string) => {
    const { reason, position, msg } = JSON.parse(line);
    warnings.push([msg, reason, position]);
  };
  const stopping = new AbortController();
  const source = { client, limit: LIMIT, silence: SILENCE, log: pino({}, { write }) };
  const batches: [events: bigint[], position: bigint][] = [];
  let ended: unknown = 'no';
  const following = (async () => {
    for await (const { events, position } of followLog(from, { prefixes: ['coach-'] }, source, stopping.signal)) {
      batches.push([events.map((one) => one.position), position]);
    }
    ended = 'without an error';
  })().catch((error) => {
    ended = error;
  });
  await vi.advanceTimersByTimeAsync(120_000);
  return { batches, warnings, stopping, following, ended: () => ended };
}

describe('what is delivered', () => {
  test('comes once, with positions that grow', async () => {
    const { client } = clientOf(9n, [
      [event(3n), event(5n)],
      [event(5n), event(4n), event(7n)],
      [checkpoint(6n)],
      [checkpoint(8n), event(8n)],
      [caughtUp],
    ]);
    const { batches } = await follow(2n, client);
    expect(batches).toEqual([
      [[3n, 5n], 5n],
      [[7n], 7n],
      [[], 8n],
      [[], 9n],
    ]);
  });

  test('has passed the head that was asked for before, once the subscription has caught up', async () => {
    const { client, log } = clientOf(9n, [[event(3n), caughtUp]]);
    const { batches } = await follow(2n, client);
    expect(batches).toEqual([[[3n], 9n]]);
    expect(log.slice(0, 2)).toEqual([`head ${LIMIT}`, 'subscribe 2 coach- 1000']);
  });

  test('at the end of the log is no batch', async () => {
    const { batches } = await follow(9n, clientOf(9n, [[caughtUp]]).client);
    expect(batches).toEqual([]);
  });
});

describe('the pace', () => {
  test('is quiet after a quarter of a second without a delivery, once the subscription has caught up', async () => {
    const { client, log } = clientOf(9n, [[event(3n)], [caughtUp], [event(10n)], 10n], [[event(11n)]]);
    const { batches, warnings } = await follow(2n, client);
    expect(log).toEqual([
      'head 3000',
      'subscribe 2 coach- 1000',
      'take 5000',
      'take 5000',
      'take 250',
      'take 250',
      'close',
      'head 3000',
      'subscribe 10 coach- 1',
      'take 5000',
      'take 5000',
    ]);
    expect(batches.at(-1)).toEqual([[11n], 11n]);
    expect(warnings).toEqual([]);
  });

  test('is busy again when the subscription has to catch up a second time', async () => {
    const { client, log } = clientOf(9n, [[caughtUp], 9n], [[caughtUp], 11n, [event(11n), caughtUp]], [[event(12n)]]);
    await follow(2n, client);
    expect(log.filter((line) => line.startsWith('subscribe'))).toEqual([
      'subscribe 2 coach- 1000',
      'subscribe 9 coach- 1',
      'subscribe 11 coach- 1000',
    ]);
  });
});

describe('a subscription that is lost', () => {
  test('is opened again where it was, after a pause, and the loss is logged once', async () => {
    const lost = new NoAnswer('reset');
    const { client, log } = clientOf(9n, [[event(3n)], lost], [lost], [lost], [[event(4n)], lost]);
    const { batches, warnings } = await follow(2n, client);
    expect(log.filter((line) => line.startsWith('subscribe'))).toEqual([
      'subscribe 2 coach- 1000',
      'subscribe 3 coach- 1000',
      'subscribe 3 coach- 1000',
      'subscribe 3 coach- 1000',
      'subscribe 4 coach- 1000',
    ]);
    expect(log.filter((line) => line === 'close')).toHaveLength(4);
    expect(batches).toEqual([
      [[3n], 3n],
      [[4n], 4n],
    ]);
    // Once for each outage.
    const told = 'lost the subscription to KurrentDB';
    expect(warnings).toEqual([
      [told, 'reset', 3],
      [told, 'reset', 4],
    ]);
  });

  test('in which nothing is heard although it should have caught up, is opened again', async () => {
    const { client, log } = clientOf(2n, [2n], [[event(3n)]]);
    const { batches, warnings } = await follow(2n, client);
    expect(log.filter((line) => line.startsWith('subscribe'))).toHaveLength(2);
    expect([batches, warnings]).toEqual([
      [[[3n], 3n]],
      [['lost the subscription to KurrentDB', 'the subscription is silent', 2]],
    ]);
  });

  test('is found by its silence while the log grows; while the log rests, silence is no loss', async () => {
    // Quiet, and it has caught up: the head moves, and a delivery is missing after another silence.
    const quiet: Step[] = [[caughtUp], 9n, 9n, 12n, 12n];
    const { client, log } = clientOf(9n, [[caughtUp], 9n], quiet, [[event(12n)]]);
    const { batches } = await follow(9n, client);
    expect(log.filter((line) => line.startsWith('subscribe'))).toEqual([
      'subscribe 9 coach- 1000',
      'subscribe 9 coach- 1',
      'subscribe 9 coach- 1000',
    ]);
    expect(batches).toEqual([[[12n], 12n]]);
  });

  test('in a log that ends before the position is asked for again', async () => {
    const { client, log } = clientOf(1n);
    const { warnings, ended } = await follow(2n, client);
    expect(log.every((line) => line === 'head 3000')).toBe(true);
    expect(log.length).toBeGreaterThan(2);
    expect(warnings).toEqual([
      [
        'lost the subscription to KurrentDB',
        'the log ends at 1, before position 2, which the subscription had reached',
        2,
      ],
    ]);
    expect(ended()).toBe('no');
  });
});

describe('it ends', () => {
  test('with an error that is no loss', async () => {
    const { client, log } = clientOf(9n, [[event(3n)], new Error('the log has no position 2')]);
    const { ended, batches } = await follow(2n, client);
    expect(ended()).toEqual(new Error('the log has no position 2'));
    expect(batches).toEqual([[[3n], 3n]]);
    expect(log.at(-1)).toBe('close');
  });

  test('without one when it is aborted: the subscription is closed at once', async () => {
    const { client, log } = clientOf(9n, [[event(3n)]]);
    const { ended, stopping, following, warnings } = await follow(2n, client);
    expect([ended(), log.at(-1)]).toEqual(['no', 'take 5000']);
    stopping.abort();
    expect(log.at(-1)).toBe('close');
    await following;
    expect([ended(), warnings]).toEqual(['without an error', []]);
  });

  test('at once while the head is asked for again in vain', async () => {
    const { client, log } = clientOf(9n, [[event(9n), caughtUp], 9n], [[caughtUp], 9n]);
    let asked = 0;
    const { head } = client;
    const stuck = { ...client, head: (limit: number) => (++asked < 3 ? head(limit) : new Promise<bigint>(() => {})) };
    const { ended, stopping, following } = await follow(2n, stuck);
    expect([asked, log.at(-1)]).toEqual([3, 'take 5000']);
    stopping.abort();
    await following;
    expect(ended()).toBe('without an error');
  });

  test('and leaves nobody who listens to the signal', async () => {
    const lost = new NoAnswer('reset');
    const { client } = clientOf(9n, [[event(3n)], lost], [lost], [[event(4n)], new Error('no such position')]);
    const { stopping } = await follow(2n, client);
    expect(getEventListeners(stopping.signal, 'abort')).toEqual([]);
  });

  test('at once while the head is asked for in vain', async () => {
    const client = { head: () => new Promise(() => {}) } as unknown as KurrentdbClient;
    const { ended, stopping, following } = await follow(2n, client);
    stopping.abort();
    await following;
    expect(ended()).toBe('without an error');
  });
});
