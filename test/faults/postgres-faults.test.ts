import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { START } from '../../src/event-store/event-store.js';
import { openPostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { postmasterPid, query, useStage } from '../support/embedded-stage.js';
import { follow } from '../support/event-store-follow.js';
import { aPrefix } from '../support/event-store-samples.js';
import { heapInUse } from '../support/heap.js';
import { startTcpProxy } from '../support/tcp-proxy.js';
import { appendManyTimes, expectWhatWasTold, withFaults } from './workload.js';

const { newDirectory, start } = useStage();
const silent = pino({ level: 'silent' });

const APPENDS = 3_000;
const APPENDS_PER_FAULT = 100;

test('under continual faults Postgres keeps what it acknowledged, and a follower misses nothing', {
  timeout: 300_000,
}, async () => {
  const dataDir = await newDirectory();
  const postgres = await start(dataDir);
  const proxy = await startTcpProxy(postgres.url);
  onTestFinished(() => proxy.close());
  const store = await openPostgresEventStore(proxy.url, { log: silent, timeLimit: 3_000 });
  onTestFinished(() => store.close());

  // Backends end in the middle of whatever they do, transactions included.
  const endBackends = `
    select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'event store%'`;
  const faults: readonly (() => unknown)[] = [
    // The client gets no answer to a commit.
    () => proxy.loseAnswerTo('event_store.append'),
    () => proxy.cut(),
    () => query(postgres.url, endBackends).catch(() => {}),
    () => proxy.loseAnswerTo('event_store.append'),
    () => proxy.cut(),
    () => query(postgres.url, endBackends).catch(() => {}),
    async () => process.kill(await postmasterPid(dataDir), 'SIGKILL'),
  ];
  const attacked = withFaults(store, APPENDS_PER_FAULT, (nr) => faults[nr % faults.length]?.());

  const prefix = aPrefix();
  const follower = follow(store, START, prefix);
  const told = await appendManyTimes(attacked, APPENDS, prefix);
  const heapBefore = heapInUse();
  // These appends are not checked: they may only leave nothing in memory.
  await appendManyTimes(attacked, APPENDS, aPrefix());
  const grown = heapInUse() - heapBefore;

  const quiet = await openPostgresEventStore(postgres.url, { log: silent });
  onTestFinished(() => quiet.close());
  const log = await expectWhatWasTold(quiet, told);
  await follower.until(() => follower.events.length >= log.length);
  await follower.stop();
  expect(follower.events.map(({ id }) => id)).toEqual(log.map(({ id }) => id));
  expect(told.filter(({ result }) => result !== 'unavailable').length).toBeGreaterThan(APPENDS / 2);
  expect(grown).toBeLessThan(10_000_000);
});
