import { test } from 'vitest';
import { createMemoryLog } from '../support/memory-event-store.js';
import { checkRuns } from './runs.js';

test('whatever happens to processes on a store in memory, nobody is in two sessions at once', async () => {
  // Small pages, so that reading a stream takes several.
  const open = () => [createMemoryLog(2).open()];
  await checkRuns({ title: 'memory', open, runs: 300, atOnce: 1 });
});
