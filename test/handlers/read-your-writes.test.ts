import { Code } from '@connectrpc/connect';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Freshness, ReadModelUnavailable } from '../../src/application/read-model.js';
import type { Position } from '../../src/event-store/event-store.js';
import { parseConsistencyToken } from '../../src/handlers/answer/tokens.js';
import {
  errorOf,
  type MemoryService,
  memoryService,
  type RequestOf,
  SERIES,
  SLOT,
  UNKNOWN_ID,
  violationsOf,
} from './memory-service.js';

/** Notes the positions that are waited for. */
function notingFreshness() {
  const waitedFor: Position[] = [];
  const freshness: Freshness = {
    async reached(position, cancellation) {
      if (cancellation.aborted) throw cancellation.reason;
      waitedFor.push(position);
    },
  };
  return { waitedFor, freshness };
}

/** A service with two sessions, and the tokens of their bookings. `waitedFor` is empty at first. */
async function withTwoSessions() {
  const { waitedFor, freshness } = notingFreshness();
  const service = memoryService({ freshness });
  const first = await service.call('scheduleSession', { session: SLOT });
  const second = await service.call('scheduleSession', {
    session: { ...SLOT, coachHashId: 'dora', clientHashId: 'di' },
  });
  waitedFor.length = 0;
  return { service, waitedFor, first, second, id: first.session!.id };
}

/** The rpcs that read. `id` is that of a session. */
const READS: readonly [
  rpc: string,
  (service: MemoryService, id: string, consistencyToken: string) => Promise<unknown>,
][] = [
  ['getSession', ({ call }, id, consistencyToken) => call('getSession', { id, consistencyToken })],
  [
    'getSession of the past',
    ({ call }, id, consistencyToken) => call('getSession', { id, consistencyToken, asOfRevision: 0n }),
  ],
  ['listSessions', ({ call }, _id, consistencyToken) => call('listSessions', { consistencyToken })],
  ['getSessionHistory', ({ call }, id, consistencyToken) => call('getSessionHistory', { id, consistencyToken })],
  [
    'getHold',
    async ({ call }, _id, consistencyToken) => errorOf(call('getHold', { id: UNKNOWN_ID, consistencyToken })),
  ],
  ['listHolds', ({ call }, _id, consistencyToken) => call('listHolds', { consistencyToken })],
  [
    'getSeries',
    async ({ call }, _id, consistencyToken) => errorOf(call('getSeries', { seriesId: UNKNOWN_ID, consistencyToken })),
  ],
  ['listSeries', ({ call }, _id, consistencyToken) => call('listSeries', { consistencyToken })],
];

describe.each(READS)('%s', (_rpc, read) => {
  test('without a token waits for everything that was acknowledged before', async () => {
    const { service, waitedFor, id } = await withTwoSessions();
    await read(service, id, '');
    expect(waitedFor).toEqual([await service.store.head()]);
  });

  test('with a token waits for its position and no further', async () => {
    const { service, waitedFor, first, id } = await withTwoSessions();
    await read(service, id, first.consistencyToken);
    expect(waitedFor).toEqual([parseConsistencyToken(first.consistencyToken)]);
    expect(waitedFor[0]).toBeLessThan(await service.store.head());
  });
});

describe('the read model', () => {
  test('is asked only once it has caught up', async () => {
    let catchUp = () => {};
    const caughtUp = new Promise<void>((resolve) => {
      catchUp = resolve;
    });
    const steps: string[] = [];
    const { call } = memoryService({
      freshness: { reached: () => caughtUp.then(() => void steps.push('caught up')) },
      parts: {
        holds: {
          async get() {
            steps.push('get');
            return undefined;
          },
          list: async () => [],
        },
      },
    });

    const answer = errorOf(call('getHold', { id: UNKNOWN_ID }));
    await new Promise(setImmediate);
    expect(steps).toEqual([]);
    catchUp();
    expect((await answer).code).toBe(Code.NotFound);
    expect(steps).toEqual(['caught up', 'get']);
  });

  test('that lags too long is unavailable, and nothing is NOT_FOUND', async () => {
    const lag = new ReadModelUnavailable('it lags');
    const { call } = memoryService({ freshness: { reached: () => Promise.reject(lag) } });
    await expect(call('getSession', { id: UNKNOWN_ID })).rejects.toBe(lag);
  });
});

describe('the answer to a new series', () => {
  test('comes when reads see it', async () => {
    const { waitedFor, freshness } = notingFreshness();
    const { consistencyToken } = await memoryService({ freshness }).call('scheduleSeries', { series: SERIES });
    expect(waitedFor).toEqual([parseConsistencyToken(consistencyToken)]);
  });

  test('comes after a second, though reads do not see it', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { call } = memoryService({ freshness: { reached: () => new Promise(() => {}) } });
    const answer = call('scheduleSeries', { series: SERIES });
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await answer).sessions).toHaveLength(3);
  });
});

describe('a consistency token', () => {
  test('that is ahead of the log is refused at once, without waiting', async () => {
    const { second, id, ...there } = await withTwoSessions();
    const empty = notingFreshness();
    const { call } = memoryService({ freshness: empty.freshness });

    const request = { id, consistencyToken: second.consistencyToken };
    expect(await violationsOf(call('getSession', request))).toEqual([
      { field: 'consistency_token', description: 'is ahead of the event log: it comes from another log' },
    ]);
    expect(empty.waitedFor).toEqual([]);
    expect(await violationsOf(there.service.call('getSession', request))).toEqual([]);
  });

  test('that is malformed is refused without waiting', async () => {
    const { service, waitedFor, id } = await withTwoSessions();
    expect(await violationsOf(service.call('getSession', { id, consistencyToken: 'x' }))).toEqual([
      { field: 'consistency_token', description: 'must be a token that this service gave' },
    ]);
    expect(waitedFor).toEqual([]);
  });

  test('comes with every change, and names the position of its last event', async () => {
    const { call, store } = memoryService();
    const tokens: string[] = [];
    const heads: Position[] = [];
    const note = async ({ consistencyToken }: { consistencyToken: string }) => {
      tokens.push(consistencyToken);
      heads.push(await store.head());
    };
    await note(await call('scheduleSession', { session: SLOT }));
    await note(await call('scheduleSeries', { series: SERIES }));
    expect(tokens.map(parseConsistencyToken)).toEqual(heads);
  });

  test.each<[rpc: 'scheduleSession' | 'holdSlot', RequestOf<'scheduleSession'> & RequestOf<'holdSlot'>]>([
    ['scheduleSession', { session: SLOT, validateOnly: true } as never],
    ['holdSlot', { hold: SLOT, validateOnly: true } as never],
  ])('is empty when %s was only validated', async (rpc, request) => {
    const { call, store } = memoryService();
    expect(await call(rpc, request)).toMatchObject({ consistencyToken: '' });
    expect(await store.head()).toBe(0n);
  });
});

describe('a command', () => {
  test('for a new session waits for nothing', async () => {
    const { waitedFor, freshness } = notingFreshness();
    await memoryService({ freshness }).call('scheduleSession', { session: SLOT });
    expect(waitedFor).toEqual([]);
  });

  test('for a session that the read model has waits for nothing', async () => {
    const { service, waitedFor, id } = await withTwoSessions();
    await service.call('completeSession', { id });
    expect(waitedFor).toEqual([]);
  });

  test('for an unknown session waits for everything acknowledged before it, then is NOT_FOUND', async () => {
    const { service, waitedFor } = await withTwoSessions();
    const error = await errorOf(service.call('completeSession', { id: UNKNOWN_ID }));
    expect(error.code).toBe(Code.NotFound);
    expect(waitedFor).toEqual([await service.store.head()]);
  });

  test('for a series waits for everything acknowledged before it', async () => {
    const { service, waitedFor } = await withTwoSessions();
    const { series } = await service.call('scheduleSeries', { series: SERIES });
    waitedFor.length = 0;
    await service.call('cancelSeries', { seriesId: series!.id, cancelledBy: 1 });
    expect(waitedFor).toHaveLength(1);
  });
});
