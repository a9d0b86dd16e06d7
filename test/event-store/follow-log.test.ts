import pino from 'pino';
import { expect, test } from 'vitest';
import type { Batch } from '../../src/event-store/event-store.js';
import { followLog } from '../../src/event-store/postgres/follow-log.js';
import { createWakeUp } from '../../src/event-store/postgres/wake-up.js';

const log = pino({ level: 'silent' });

test('a wake-up during a read is not missed', async () => {
  const wakeUp = createWakeUp();
  let head = 0n;
  const readPage = async (): Promise<Batch> => {
    const position = head;
    if (head === 0n) {
      head = 1n;
      wakeUp.call();
    }
    return { events: [], position };
  };
  const source = { readPage, wakeUp, pollInterval: 1_000_000, log };
  for await (const { position } of followLog(0n, source, new AbortController().signal)) {
    expect(position).toBe(1n);
    break;
  }
});

test('an abort ends it at once, also while Postgres does not answer', async () => {
  const abort = new AbortController();
  const source = {
    readPage: () => new Promise<Batch>(() => {}),
    wakeUp: createWakeUp(),
    pollInterval: 1_000_000,
    log,
  };
  const next = followLog(0n, source, abort.signal).next();
  abort.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});

test('an error that is no lost connection ends it', async () => {
  const source = {
    readPage: () => Promise.reject(new Error('no such table')),
    wakeUp: createWakeUp(),
    pollInterval: 1_000_000,
    log,
  };
  await expect(followLog(0n, source, new AbortController().signal).next()).rejects.toThrow('no such table');
});
