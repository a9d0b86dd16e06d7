import { pathToFileURL } from 'node:url';
import { vi } from 'vitest';

// A thread runs no TypeScript. A test that has documents read builds the service first: `buildService`.
vi.mock('../../src/calendars/read/worker-file.js', () => ({
  WORKER: pathToFileURL('dist/src/calendars/read/worker.js'),
}));
