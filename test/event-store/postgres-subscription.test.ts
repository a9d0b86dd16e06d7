import { setImmediate as nextTurn } from 'node:timers/promises';
import pino from 'pino';
import { expect, test } from 'vitest';
import { createWakeUp, followLog, type LogPage } from '../../src/event-store/postgres/postgres-subscription.js';

const log = pino({ level: 'silent' });

test('a wake-up during a read is not missed', async () => {
  const wakeUp = createWakeUp();
  let head = 0n;
  const readPage = async (): Promise<LogPage> => {
    const position = head;
    if (head === 0n) {
      head = 1n;
      wakeUp.call();
    }
    return { events: [], position, atEnd: true };
  };
  const source = { readPage, wakeUp, pollInterval: 1_000_000, log };
  for await (const { position } of followLog(0n, source, new AbortController().signal)) {
    expect(position).toBe(1n);
    break;
  }
});

test('reads on at once until a page reaches the end of the log, then when it is woken', async () => {
  const wakeUp = createWakeUp();
  const read: bigint[] = [];
  let head = 2n;
  const readPage = async (after: bigint): Promise<LogPage> => {
    read.push(after);
    return { events: [], position: after + 1n, atEnd: after + 1n === head };
  };
  const pages = followLog(0n, { readPage, wakeUp, pollInterval: 1_000_000, log }, new AbortController().signal);
  await pages.next();
  await pages.next();
  const third = pages.next();
  await nextTurn();
  expect(read).toEqual([0n, 1n]);

  head = 3n;
  wakeUp.call();
  expect((await third).value?.position).toBe(3n);
});

test('one page is read ahead while another is worked on, and no more', async () => {
  const read: bigint[] = [];
  const readPage = async (after: bigint): Promise<LogPage> => {
    read.push(after);
    return { events: [], position: after + 1n, atEnd: false };
  };
  const source = { readPage, wakeUp: createWakeUp(), pollInterval: 1_000_000, log };
  const pages = followLog(0n, source, new AbortController().signal);
  await pages.next();
  await nextTurn();
  expect(read).toEqual([0n, 1n]);
  await pages.next();
  await nextTurn();
  expect(read).toEqual([0n, 1n, 2n]);
});

test('a page that could not be read ahead is read again when it is wanted', async () => {
  let failures = 1;
  const readPage = async (after: bigint): Promise<LogPage> => {
    if (after === 1n && failures-- > 0) throw new Error('Connection terminated');
    return { events: [], position: after + 1n, atEnd: false };
  };
  const source = { readPage, wakeUp: createWakeUp(), pollInterval: 1_000_000, log };
  const pages = followLog(0n, source, new AbortController().signal);
  await pages.next();
  await nextTurn();
  expect((await pages.next()).value?.position).toBe(2n);
});

test('an abort ends it at once, also while Postgres does not answer', async () => {
  const abort = new AbortController();
  const source = {
    readPage: () => new Promise<LogPage>(() => {}),
    wakeUp: createWakeUp(),
    pollInterval: 1_000_000,
    log,
  };
  const next = followLog(0n, source, abort.signal).next();
  abort.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});

test('an error other than a lost connection ends it', async () => {
  const source = {
    readPage: () => Promise.reject(new Error('no such table')),
    wakeUp: createWakeUp(),
    pollInterval: 1_000_000,
    log,
  };
  await expect(followLog(0n, source, new AbortController().signal).next()).rejects.toThrow('no such table');
});
