import { onTestFinished, test } from 'vitest';
import { openTestEventStore } from '../support/event-store-kurrentdb.js';
import { checkRuns } from './runs.js';

test('whatever happens to processes on KurrentDB, nobody is in two sessions at once', async () => {
  const opened = await openTestEventStore();
  onTestFinished(() => opened.close());
  const stores = [opened.store, await opened.openAnother()];
  await checkRuns({ title: 'kurrentdb', open: () => stores, runs: 40, atOnce: 8 });
});
