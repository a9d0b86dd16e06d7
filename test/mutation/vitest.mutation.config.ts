import { defineConfig } from 'vitest/config';
import { failedSuites } from './failed-suites.js';
import { scopeNamed } from './scopes.js';

const { tests, postgres } = scopeNamed(process.env['MUTATION_SCOPE']);

export default defineConfig({
  test: {
    include: [...tests],
    globalSetup: postgres ? ['test/support/global-setup.ts'] : [],
    reporters: ['default', failedSuites()],
    setupFiles: ['test/mutation/same-samples.ts'],
    // Enough runs of the model to notice a mutant, few enough to repeat them for each.
    env: { MODEL_SEED: '1', MODEL_RUNS: '100' },
    testTimeout: 40_000,
    hookTimeout: 60_000,
  },
});
