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
    // With a mutant, a test may wait for ever. The longest takes 4 s without.
    testTimeout: 15_000,
    hookTimeout: 60_000,
  },
});
