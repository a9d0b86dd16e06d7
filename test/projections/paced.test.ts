import { expect, test } from 'vitest';
import { paced } from '../../projections/paced.js';
import type { Batch, RecordedEvent } from '../../src/event-store/event-store.js';
import { scheduled, stored } from './support.js';

const event: RecordedEvent = {
  ...stored(scheduled()),
  stream: 'coach-ann',
  revision: 0n,
  position: 1n,
  recordedAt: Date.now(),
};

/** What happens, in order, when batches of these sizes are taken from a log with rests. */
async function courseOf(sizes: readonly number[]): Promise<string[]> {
  const course: string[] = [];
  const log = {
    async *subscribe(): AsyncGenerator<Batch> {
      for (const size of sizes) yield { events: Array(size).fill(event), position: 1n };
    },
  };
  const rest = async () => void course.push('rest');
  const batches = paced(log, rest).subscribe(0n, { prefixes: ['coach-'] }, new AbortController().signal);
  for await (const { events } of batches) course.push(`${events.length} events`);
  return course;
}

test('rests after a small batch, once it has been taken', async () => {
  expect(await courseOf([3, 0])).toEqual(['3 events', 'rest', '0 events', 'rest']);
});

test('does not rest while the log comes in large batches', async () => {
  expect(await courseOf([1_000, 1_000, 7])).toEqual(['1000 events', '1000 events', '7 events', 'rest']);
});
