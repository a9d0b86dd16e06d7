import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  type CalendarReader,
  createCalendarReader,
  MAX_BYTES,
  type ReaderSettings,
  type ReadingRequest,
} from '../../src/calendars/read/calendar-reader.js';
import { TooMuchWaits } from '../../src/fair-shares.js';
import { threadTime } from '../support/thread-time.js';
import { compiledWorker } from './compiled-worker.js';
import { calendar, event, NOW, ZONE } from './samples.js';

let compiled: URL;
beforeAll(async () => {
  compiled = await compiledWorker();
});

function openReader({ worker = compiled, ...more }: ReaderSettings = {}): CalendarReader {
  const reader = createCalendarReader(undefined, { worker, ...more });
  onTestFinished(() => reader.close());
  return reader;
}

/** A worker in place of ours, which answers a document, the parameter, by this. */
function workerThat(answers: string): URL {
  const script = `
    import { parentPort } from 'node:worker_threads';
    const tell = (message) => parentPort.postMessage(message);
    parentPort.on('message', ({ document }) => { ${answers} });`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}

const NOTHING = { intervals: [], leftOut: {}, followedUntil: 0 };
const READS_NOTHING = `tell({ type: 'read', busyTimes: ${JSON.stringify(NOTHING)} });`;
const WORKS_FOR_EVER = "tell({ type: 'begun' }); for (;;) {}";

function request(text: string, more: Partial<ReadingRequest> = {}): ReadingRequest {
  const bytes = new TextEncoder().encode(text);
  return { bytes, charset: undefined, zone: ZONE, now: NOW, caller: 'anna', ownAmong: async () => [], ...more };
}

const meeting = (uid: string, hour: string) => event(`UID:${uid}`, `DTSTART:20300102T${hour}0000Z`, 'DURATION:PT1H');
const MEETINGS = calendar(meeting('1', '09'), meeting('2', '11'));

/** A document of as many bytes as one may have, of small events in the past. */
function largest(): string {
  const one = event('UID:1', 'DTSTART;TZID=Europe/Zurich:20250102T090000', 'DURATION:PT1H');
  const events = Array.from({ length: Math.floor((MAX_BYTES - 200) / (one.length + 2)) }, () => one);
  return calendar(...events).padEnd(MAX_BYTES, '\n');
}

describe('a document', () => {
  test('is read in a thread', async () => {
    const start = Date.parse('2030-01-02T09:00:00Z');
    const { intervals, leftOut } = await openReader().read(request(MEETINGS));
    expect(intervals).toMatchObject([{ start }, { start: start + 7_200_000 }]);
    expect(leftOut).toEqual({ transparent: 0, cancelled: 0, own: 0, past: 0, withoutTime: 0 });
  });

  test('has UIDs of which some may be own: they are left out', async () => {
    const asked: string[] = [];
    const ownAmong = async (uids: readonly string[]) => {
      asked.push(...uids);
      return ['2'];
    };
    const { intervals, leftOut } = await openReader().read(request(MEETINGS, { ownAmong }));
    expect([asked, intervals.length, leftOut.own]).toEqual([['1', '2'], 1, 1]);
  });

  test('that cannot be read is refused with the line, and the next one is read', async () => {
    const reader = openReader();
    const refused = reader.read(request(MEETINGS.replace('DTSTART:2030', 'DTSTART:')));
    await expect(refused).rejects.toMatchObject({ name: 'CalendarRefused', why: 'unreadable', line: 7 });
    expect((await reader.read(request(MEETINGS))).intervals).toHaveLength(2);
  });

  test('may have 1 MiB', async () => {
    const { leftOut } = await openReader({ longestReading: 30_000 }).read(request(largest()));
    expect(leftOut.past).toBeGreaterThan(8_000);
    const tooLarge = openReader().read(request(`${largest()}\n`));
    await expect(tooLarge).rejects.toMatchObject({
      why: 'too large',
      message: 'the document is too large: it may have at most 1,048,576 bytes; got 1,048,577',
    });
  });
});

describe('a thread', () => {
  test('that works on a document for 2 s is ended, and the next document gets another', async () => {
    const reader = openReader({
      worker: workerThat(`if (document.bytes.length > 0) { ${WORKS_FOR_EVER} } ${READS_NOTHING}`),
    });
    const began = performance.now();
    await expect(reader.read(request('endless'))).rejects.toMatchObject({
      why: 'too much work',
      message: 'the document takes too long to read: more than 2 s',
    });
    expect(performance.now() - began).toBeGreaterThan(1_900);
    expect(await reader.read(request(''))).toEqual(NOTHING);
  });

  test('that works for 2 s once it knows which UIDs are own is ended, too', async () => {
    const asks = "tell({ type: 'begun' }); tell({ type: 'uids', uids: [] });";
    const reader = openReader({ worker: workerThat(`if (!document) for (;;) {} ${asks}`), longestReading: 300 });
    await expect(reader.read(request(''))).rejects.toThrow('the document takes too long to read: more than 0.3 s');
  });

  test('that takes too much memory is ended, and the next document gets another', async () => {
    const takesAll = 'const all = []; for (;;) all.push(new Array(1e5).fill(0.5));';
    const reader = openReader({
      worker: workerThat(`if (document.bytes.length > 0) { ${takesAll} } ${READS_NOTHING}`),
    });
    await expect(reader.read(request('huge'))).rejects.toMatchObject({
      why: 'too much work',
      message: 'the document takes too much memory to read',
    });
    expect(await reader.read(request(''))).toEqual(NOTHING);
  });

  test('that fails, or ends, rejects', async () => {
    const failsOrEnds = "if (document.bytes.length > 0) throw new Error('broken'); process.exit(3);";
    const reader = openReader({ worker: workerThat(failsOrEnds) });
    await expect(reader.read(request('fails'))).rejects.toThrow('broken');
    await expect(reader.read(request(''))).rejects.toThrow('the thread that reads calendars has ended');
  });

  test('does not see the environment', async () => {
    const tells = 'tell({ type: "refused", why: "unreadable", sentence: JSON.stringify(process.env) });';
    await expect(openReader({ worker: workerThat(tells) }).read(request(''))).rejects.toThrow(/^\{\}$/);
  });

  test('that waits to hear which UIDs are own does not work meanwhile', async () => {
    // It does not answer before the time of work would be over.
    const ownAmong = () => new Promise<string[]>((resolve) => setTimeout(resolve, 1_050, []));
    const reader = openReader({ longestReading: 1_000 });
    expect((await reader.read(request(MEETINGS, { ownAmong }))).intervals).toHaveLength(2);
  });

  test('is not to blame when nobody can say which UIDs are own', async () => {
    const reader = openReader();
    const refused = reader.read(request(MEETINGS, { ownAmong: () => Promise.reject(new Error('unavailable')) }));
    await expect(refused).rejects.toThrow('unavailable');
    expect((await reader.read(request(MEETINGS))).intervals).toHaveLength(2);
  });
});

describe('who waits', () => {
  test('a caller with many documents leaves a thread to others', async () => {
    const reader = openReader({
      worker: workerThat(`if (document.bytes.length > 0) { ${WORKS_FOR_EVER} } ${READS_NOTHING}`),
    });
    const ofBea = Array.from({ length: 5 }, () => reader.read(request('endless', { caller: 'bea' })));
    const settled = ofBea.map((one) => one.catch((error: Error) => error.message));
    expect(await reader.read(request('', { caller: 'anna' }))).toEqual(NOTHING);
    await reader.close();
    expect(await Promise.all(settled)).toEqual(Array(5).fill('the reader of calendars is closed'));
  });

  test('documents of a caller who has gone are not read', async () => {
    const read: string[] = [];
    const reader = openReader();
    const gone = new AbortController();
    const ask = (name: string, signal?: AbortSignal) => {
      const ownAmong = async () => {
        read.push(name);
        return [];
      };
      return reader.read(request(MEETINGS, { ownAmong, ...(signal && { signal }) }));
    };
    const [first, second, third] = [ask('first'), ask('second', gone.signal), ask('third')];
    gone.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    await Promise.all([first, third]);
    expect(read).toEqual(['first', 'third']);
  });

  test('too many documents are refused', async () => {
    const reader = openReader({ worker: workerThat('') });
    const all = Array.from({ length: 60 }, () => reader.read(request('')).catch((error: Error) => error));
    expect(await Promise.race(all)).toBeInstanceOf(TooMuchWaits);
    await reader.close();
    expect((await Promise.all(all)).filter((one) => one instanceof TooMuchWaits).length).toBeLessThan(50);
  });
});

test('the event loop is held for at most 50 ms while large documents are read', async () => {
  const reader = openReader({ longestReading: 30_000 });
  const text = largest();
  const readByTwo = () => Promise.all(['anna', 'bea'].map((caller) => reader.read(request(text, { caller }))));
  await readByTwo();
  // Garbage is collected now and then.
  const rounds = [await longestHold(readByTwo), await longestHold(readByTwo), await longestHold(readByTwo)];
  expect(Math.min(...rounds)).toBeLessThan(50);
});

/**
 * How long the event loop is held at most, in milliseconds, while something is done. What holds this thread while it does
 * not run is the machine's other work, where the system tells that apart.
 */
async function longestHold(work: () => Promise<unknown>): Promise<number> {
  const look = () => ({ at: performance.now(), ran: threadTime()?.ran ?? performance.now() });
  let longest = 0;
  let last = look();
  const looking = setInterval(() => {
    const now = look();
    longest = Math.max(longest, Math.min(now.at - last.at, now.ran - last.ran));
    last = now;
  }, 5);
  await work();
  clearInterval(looking);
  return longest;
}
