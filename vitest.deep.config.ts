import { defineConfig } from 'vitest/config';

/** How the 100,000 runs of the model are split: most in memory, where a run takes a few milliseconds. */
const PARTS = [
  { name: 'memory, one half', store: 'memory', runs: 48_000 },
  { name: 'memory, the other half', store: 'memory', runs: 48_000 },
  { name: 'Postgres', store: 'postgres', runs: 2_000 },
  { name: 'KurrentDB', store: 'kurrentdb', runs: 2_000 },
];

export default defineConfig({
  test: {
    projects: PARTS.map(({ name, store, runs }) => ({
      test: {
        name,
        include: [`test/model/${store}.test.ts`],
        env: { MODEL_RUNS: String(runs) },
        globalSetup: store === 'postgres' ? ['test/support/global-setup.ts'] : [],
        testTimeout: 60 * 60_000,
      },
    })),
    maxWorkers: 2,
    // Progress is to be seen as it comes.
    disableConsoleIntercept: true,
  },
});
