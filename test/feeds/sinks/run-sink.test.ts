import { expect, onTestFinished, test } from 'vitest';
import type { Change } from '../../../src/application/change-feed.js';
import { START } from '../../../src/event-store/event-store.js';
import type { OpenSink, Sink } from '../../../src/feeds/sinks/sink.js';
import { startFeeding } from '../../support/filled-sink.js';

/** A sink in memory, which keeps what it gets. */
function memorySink(deliver: (changes: readonly Change[]) => unknown = () => {}) {
  const got: Change[] = [];
  const opened: Parameters<Sink['open']>[0][] = [];
  let closed = 0;
  let lost = new AbortController();
  const sink: Sink = {
    name: 'memory',
    async open(parts): Promise<OpenSink> {
      opened.push(parts);
      lost = new AbortController();
      const last = got.at(-1);
      return {
        after: last ? last.position : START,
        lost: lost.signal,
        async deliver(changes) {
          await deliver(changes);
          got.push(...changes);
        },
        async close() {
          closed += 1;
        },
      };
    },
  };
  const ids = () => got.map(({ id }) => id);
  return { sink, ids, opened, closed: () => closed, lose: (reason: Error) => lost.abort(reason) };
}

test('a sink gets what there is, then what comes', async () => {
  const feeding = await startFeeding();
  const { sink, ids } = memorySink();
  const all = await feeding.book('carol', 'dora');
  feeding.fill(sink);
  await expect.poll(ids).toEqual(all);
  all.push(...(await feeding.book('carol')));
  await expect.poll(ids).toEqual(all);
});

test('the cursor says what was delivered last, and how far the log was told', async () => {
  const feeding = await startFeeding();
  const { sink } = memorySink();
  const [id] = await feeding.book('carol');
  feeding.fill(sink);
  const place = { id, coachHashId: 'carol', position: 1n, revision: 0 };
  await expect.poll(() => feeding.cursor('memory')).toMatchObject({ place, reached: 1n, lastError: undefined });
});

test('a sink that fails is closed, told of, and opened again; then the error is forgotten', async () => {
  const feeding = await startFeeding();
  let failures = 2;
  const { sink, ids, opened, closed } = memorySink(() => {
    failures -= 1;
    if (failures >= 0) throw new Error('the target is full');
  });
  const all = await feeding.book('carol', 'dora');
  feeding.fill(sink);
  await expect.poll(async () => (await feeding.cursor('memory'))?.lastError).toBe('the target is full');
  const since = (await feeding.cursor('memory'))?.failingSince;
  expect(since).toBeInstanceOf(Date);
  await expect.poll(ids).toEqual(all);
  await expect.poll(() => feeding.cursor('memory')).toMatchObject({ lastError: undefined, failingSince: undefined });
  expect([opened.length, closed()]).toEqual([3, 2]);
});

test('a sink whose connection is lost is opened again, though nothing comes for it', async () => {
  const feeding = await startFeeding();
  const { sink, ids, opened, lose } = memorySink();
  const all = await feeding.book('carol');
  feeding.fill(sink);
  await expect.poll(ids).toEqual(all);
  lose(new Error('the connection was lost'));
  await expect.poll(() => opened.length).toBe(2);
});

test('a sink is opened with the cursor that was saved', async () => {
  const feeding = await startFeeding();
  const first = memorySink();
  const [id] = await feeding.book('carol');
  const filled = feeding.fill(first.sink);
  await expect.poll(async () => (await feeding.cursor('memory'))?.place?.id).toBe(id);
  await filled.stop();
  const second = memorySink();
  feeding.fill(second.sink);
  await expect.poll(() => second.opened[0]?.saved).toMatchObject({ id, position: 1n });
});

test('of two processes one fills the sink, and the other one when that has stopped', async () => {
  const feeding = await startFeeding();
  const [first, second] = [memorySink(), memorySink()];
  const filled = feeding.fill(first.sink);
  await expect.poll(() => first.opened.length).toBe(1);
  feeding.fill(second.sink);
  const all = await feeding.book('carol');
  await expect.poll(first.ids).toEqual(all);
  expect(second.opened).toEqual([]);
  await filled.stop();
  await expect.poll(second.ids).toEqual(all);
});

test('stopping leaves nothing behind, also while the sink fails', async () => {
  const feeding = await startFeeding();
  const filled = feeding.fill({ name: 'memory', open: () => Promise.reject(new Error('away')) });
  onTestFinished(filled.stop);
  await expect.poll(async () => (await feeding.cursor('memory'))?.lastError).toBe('away');
  await filled.stop();
});
