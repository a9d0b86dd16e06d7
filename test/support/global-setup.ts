import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findBinaries } from '../../src/embedded-postgres/binaries.js';
import { clusterUrl, openCluster } from '../../src/embedded-postgres/cluster.js';
import { freePort } from '../../src/embedded-postgres/port.js';
import { shutDown } from '../../src/embedded-postgres/shut-down.js';
import { startPostmaster } from '../../src/embedded-postgres/start-postmaster.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The Postgres that all test files share, as superuser. Use `createTestDatabase`. */
    postgresUrl: string;
  }
}

/** Many test files at once, each with pools of its own; and nothing here has to survive a loss of power. */
const SETTINGS = ['max_connections=300', 'fsync=off'];

/** Starts the Postgres that all test files share, and returns what removes it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'scheduler-test-'));
  const cluster = await openCluster(await findBinaries(), join(directory, 'postgres'));
  const postmaster = await startPostmaster(cluster, await freePort(), new AbortController().signal, SETTINGS);
  if (postmaster === 'in use') throw new Error(`someone uses the new directory ${directory}`);
  project.provide('postgresUrl', clusterUrl(cluster, postmaster.port, 'postgres'));
  return async () => {
    await shutDown(postmaster.pid);
    await rm(directory, { recursive: true });
  };
}
