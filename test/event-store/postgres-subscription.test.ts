import { setImmediate as nextTurn } from 'node:timers/promises';
import pino from 'pino';
import { expect, test } from 'vitest';
import type { Batch } from '../../src/event-store/event-store.js';
import {
  createWakeUp,
  followLog,
  type LogPage,
  type LogSource,
} from '../../src/event-store/postgres/postgres-subscription.js';
import { PAGE_ROWS } from '../../src/event-store/postgres/read-events.js';

const log = pino({ level: 'silent' });

/** A source that is woken by a call only. */
function sourceOf(
  readPage: LogSource['readPage'],
  { pagesAhead = 1, wakeUp = createWakeUp() }: Partial<LogSource> = {},
): LogSource {
  return { readPage, pagesAhead, wakeUp, pollInterval: 1_000_000, log };
}

function follow(source: LogSource): AsyncGenerator<Batch> {
  return followLog(0n, source, new AbortController().signal);
}

test('a wake-up during a read is not missed', async () => {
  const wakeUp = createWakeUp();
  let head = 0n;
  const readPage = async (): Promise<LogPage> => {
    const position = head;
    if (head === 0n) {
      head = 1n;
      wakeUp.call();
    }
    return { events: [], position, head: position };
  };
  expect((await follow(sourceOf(readPage, { wakeUp })).next()).value?.position).toBe(1n);
});

test('reads on at once until a page reaches the end of the log, then when it is woken', async () => {
  const wakeUp = createWakeUp();
  const read: bigint[] = [];
  let head = 2n;
  const readPage = async (after: bigint): Promise<LogPage> => {
    read.push(after);
    return { events: [], position: after + 1n, head };
  };
  const pages = follow(sourceOf(readPage, { wakeUp }));
  await pages.next();
  await pages.next();
  const third = pages.next();
  await nextTurn();
  expect(read).toEqual([0n, 1n]);

  head = 3n;
  wakeUp.call();
  expect((await third).value?.position).toBe(3n);
});

const PAGE = BigInt(PAGE_ROWS);

/** Full pages of a log, and where each was read; `lengths` has those of shorter pages by where they begin. */
function pagesOf(head: bigint, lengths: Readonly<Record<string, bigint>> = {}) {
  const read: bigint[] = [];
  const readPage = async (after: bigint): Promise<LogPage> => {
    read.push(after);
    const position = after + (lengths[String(after)] ?? PAGE);
    return { events: [], position: position < head ? position : head, head };
  };
  return { read, readPage };
}

test('two pages are read ahead while another is worked on, and no more', async () => {
  const { read, readPage } = pagesOf(100n * PAGE);
  const pages = follow(sourceOf(readPage, { pagesAhead: 2 }));
  await pages.next();
  await nextTurn();
  expect(read).toEqual([0n, PAGE, 2n * PAGE]);
  await pages.next();
  await nextTurn();
  expect(read).toEqual([0n, PAGE, 2n * PAGE, 3n * PAGE]);
});

test('nothing is read behind the end of the log', async () => {
  const { read, readPage } = pagesOf(PAGE + 1n);
  const pages = follow(sourceOf(readPage, { pagesAhead: 2 }));
  await pages.next();
  expect((await pages.next()).value?.position).toBe(PAGE + 1n);
  await nextTurn();
  expect(read).toEqual([0n, PAGE]);
});

test('in turns, no page is read before it is wanted', async () => {
  const { read, readPage } = pagesOf(100n * PAGE);
  const pages = follow(sourceOf(readPage, { pagesAhead: 0 }));
  await pages.next();
  await nextTurn();
  expect(read).toEqual([0n]);
  await pages.next();
  expect(read).toEqual([0n, PAGE]);
});

test('behind a page that ended early, the pages read ahead are read again from where it ended', async () => {
  const { read, readPage } = pagesOf(100n * PAGE, { [String(PAGE)]: 10n });
  const pages = follow(sourceOf(readPage, { pagesAhead: 2 }));
  const reached: unknown[] = [];
  for (let nr = 0; nr < 4; nr += 1) reached.push((await pages.next()).value?.position);
  expect(reached).toEqual([PAGE, PAGE + 10n, 2n * PAGE + 10n, 3n * PAGE + 10n]);
  // One page ahead after the short one: the next may be short too.
  expect(read.slice(3, 5)).toEqual([PAGE + 10n, 2n * PAGE + 10n]);
});

test('a page that could not be read ahead is read again when it is wanted', async () => {
  const { readPage } = pagesOf(100n * PAGE);
  let failures = 1;
  const failing = async (after: bigint): Promise<LogPage> => {
    if (after === PAGE && failures-- > 0) throw new Error('Connection terminated');
    return readPage(after);
  };
  const pages = follow(sourceOf(failing, { pagesAhead: 2 }));
  await pages.next();
  await nextTurn();
  expect((await pages.next()).value?.position).toBe(2n * PAGE);
  expect((await pages.next()).value?.position).toBe(3n * PAGE);
});

test('an abort ends it at once, also while Postgres does not answer', async () => {
  const abort = new AbortController();
  const next = followLog(
    0n,
    sourceOf(() => new Promise<LogPage>(() => {})),
    abort.signal,
  ).next();
  abort.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});

test('an error other than a lost connection ends it', async () => {
  const readPage = () => Promise.reject(new Error('no such table'));
  await expect(follow(sourceOf(readPage)).next()).rejects.toThrow('no such table');
});
