import { defineConfig } from 'vitest/config';
import { LongFilesFirst } from './test/support/long-files-first.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'clients/*/test/*.test.ts'],
    // About half of the time goes to waiting for other processes, so that there may be more workers than cores.
    maxWorkers: 4,
    sequence: { sequencer: LongFilesFirst },
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/worker-file.setup.ts'],
    // Starting processes on a busy machine of two cores takes its time; a hanging test must still end.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // The OpenID provider of the tests warns of being one for development only.
    onConsoleLog: (line) => !line.includes('oidc-provider'),
    // What a test polls for comes at once on an idle machine. How long it may take is for tests that measure time.
    expect: { poll: { timeout: 20_000 } },
  },
});
