import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { startEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.js';
import { copyDirectory } from './embedded-stage.js';

/** Data directories as a service leaves them that started and stopped. */
export interface DataDirectories {
  /** A new one, to be removed by who asks. */
  make(): Promise<string>;
}

/** Makes one data directory for a test file, of which each test gets a copy: to make one anew takes seconds. */
export function useDataDirectories(): DataDirectories {
  let sample: string;

  beforeAll(async () => {
    sample = await mkdtemp(join(tmpdir(), 'scheduler-sample-'));
    const postgres = await startEmbeddedPostgres({ dataDir: sample, log: pino({ level: 'silent' }) });
    await postgres.stop();
  });

  afterAll(() => rm(sample, { recursive: true }));

  return {
    async make() {
      const directory = await mkdtemp(join(tmpdir(), 'scheduler-data-'));
      await copyDirectory(sample, directory);
      return directory;
    },
  };
}
