import { defineConfig, type TestUserConfig } from 'vitest/config';
import { LongFilesFirst } from './test/support/long-files-first.js';
import { sharedFiles } from './test/support/shared-files.js';

const shared = sharedFiles();

/** What both projects say. */
const both: TestUserConfig = {
  setupFiles: ['test/support/worker-file.setup.ts'],
  // Starting processes on a busy machine of two cores takes its time; a hanging test must still end.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // What a test polls for comes at once on an idle machine. How long it may take is for tests that measure time.
  expect: { poll: { timeout: 20_000 } },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...both,
          name: 'own process',
          include: ['test/**/*.test.ts', 'clients/*/test/*.test.ts'],
          exclude: ['**/node_modules/**', ...shared],
        },
      },
      // Half of the processor time of these files went to importing the service for each anew.
      { test: { ...both, name: 'shared process', include: shared, isolate: false } },
    ],
    // About half of the time goes to waiting for other processes, so that there may be more workers than cores.
    maxWorkers: 4,
    sequence: { sequencer: LongFilesFirst },
    globalSetup: ['test/support/global-setup.ts'],
    // The OpenID provider of the tests warns of being one for development only.
    onConsoleLog: (line) => !line.includes('oidc-provider'),
  },
});
