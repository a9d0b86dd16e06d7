import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { type ExclusiveConnection, openExclusiveConnection } from '../../src/postgres/exclusive-connection.js';
import { holdLease } from '../../src/postgres/lease.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/*
 * How soon a lease has another holder, by the pauses of the process that waits for it: what Postgres and the process take
 * for their work depends on the machine.
 */

/** In milliseconds. The longest pause between two looks at the lease. */
const LONGEST_PAUSE = 375;

/** In milliseconds. The age of the last sign of life of a process that is taken for frozen. */
const FROZEN_AFTER = 3_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** The pauses between looks. None ends before the test says so. */
let pauses: { readonly ms: number; readonly end: () => void }[];

beforeEach(() => {
  pauses = [];
  vi.spyOn(Math, 'random').mockReturnValue(1 - Number.EPSILON);
  const { setTimeout: begin } = globalThis;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((act: () => void, ms: number) => {
    // Those of the connections are longer, those of the test runner shorter.
    if (ms < 100 || ms >= 1_000) return begin(act, ms);
    pauses.push({ ms, end: act });
    return begin(() => {}, 0);
  }) as typeof setTimeout);
});
afterEach(() => void vi.restoreAllMocks());

/** Milliseconds that a statement may take. */
const QUERY_TIMEOUT = 10_000;

async function connect(name: string): Promise<ExclusiveConnection> {
  const connection = await openExclusiveConnection(database.url, name, QUERY_TIMEOUT, new AbortController().signal);
  onTestFinished(connection.close);
  return connection;
}

/** A process that wants the lease. */
function wantLease(name: string) {
  const stop = new AbortController();
  const seen = { hasIt: false, endedFrozen: 0 };
  const onTakeOver = () => {
    seen.endedFrozen += 1;
  };
  const parts = {
    url: database.url,
    name,
    applicationName: 'waiting',
    queryTimeout: QUERY_TIMEOUT,
    signal: stop.signal,
  };
  const ended = holdLease({ ...parts, onTakeOver }, async () => {
    seen.hasIt = true;
  });
  onTestFinished(async () => {
    stop.abort();
    await ended.catch(() => {});
  });
  let looks = 0;
  return {
    seen,
    /** Waits for a look at the lease that finds it taken. */
    async look() {
      looks += 1;
      await expect.poll(() => pauses.length).toBe(looks);
    },
    /** Lets the pause after the latest look pass. */
    pause() {
      const { ms, end } = pauses.at(-1)!;
      expect(ms).toBeLessThanOrEqual(LONGEST_PAUSE);
      end();
    },
  };
}

/** Waits until nobody holds the lease. */
async function isFree(observer: ExclusiveConnection, name: string): Promise<void> {
  await expect.poll(() => observer.isTaken(name)).toBe(false);
}

test('a lease whose holder has died has another one a look later, after 375 ms at most', async () => {
  const [holder, observer] = [await connect('holder'), await connect('observer')];
  expect(await holder.tryLock('of the dead')).toBe(true);
  const { seen, look, pause } = wantLease('of the dead');
  await look();
  await holder.close();
  await isFree(observer, 'of the dead');
  pause();
  await expect.poll(() => seen).toEqual({ hasIt: true, endedFrozen: 0 });
});

test('a lease whose holder is frozen has another one after 3 s and two looks: 3.75 s at most', async () => {
  const [holder, observer] = [await connect('holder'), await connect('observer')];
  expect(await holder.tryLock('of the frozen')).toBe(true);
  const { seen, look, pause } = wantLease('of the frozen');
  await look();
  const { processID } = holder.client as unknown as { processID: number };
  const waited =
    "select from pg_stat_activity where pid = $1 and state_change < clock_timestamp() - $2 * interval '1 ms'";
  await expect.poll(async () => (await observer.client.query(waited, [processID, FROZEN_AFTER])).rowCount).toBe(1);
  pause();
  await look();
  expect(seen).toEqual({ hasIt: false, endedFrozen: 1 });
  await isFree(observer, 'of the frozen');
  pause();
  await expect.poll(() => seen).toEqual({ hasIt: true, endedFrozen: 1 });
});
