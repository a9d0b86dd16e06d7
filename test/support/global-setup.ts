import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { writeApiPage } from '../../build/api-page.mjs';
import { findBinaries } from '../../src/embedded-postgres/binaries.js';
import { clusterUrl, openCluster } from '../../src/embedded-postgres/cluster.js';
import { freePort } from '../../src/embedded-postgres/port.js';
import { startPostmaster } from '../../src/embedded-postgres/start-and-stop.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The Postgres that all test files share, as superuser. Use `createTestDatabase`. */
    postgresUrl: string;
  }
}

/** Many test files at once, each with pools of its own; and nothing here has to survive a loss of power. */
const SETTINGS = ['max_connections=300', 'fsync=off'];

/**
 * Waits until its input ends, which it does at the latest when the test runner dies, however it dies; then ends the
 * postmaster at once and removes its files. More than one try, since the server may be writing its last.
 */
const REMOVE = 'cat; kill -QUIT "$1"; for try in 1 2 3 4 5 6 7 8 9; do rm -rf "$2" && exit; sleep 0.1; done';

/** Where Linux keeps files in memory, and the bytes that must be free there: tests have used less than a tenth. */
const MEMORY = '/dev/shm';
const MEMORY_NEEDED = 4 * 1024 ** 3;

/** Makes what is not in the repository, starts the Postgres that all test files share, and returns what removes it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  writeApiPage();
  const directory = await mkdtemp(join(await quickDirectory(), 'scheduler-test-'));
  // As anybody's temporary directory is: some tests run programs as other users.
  await chmod(directory, 0o1777);
  // Of all processes of this run. What they leave behind goes with the directory.
  process.env['TMPDIR'] = directory;
  const cluster = await openCluster(await findBinaries(), join(directory, 'postgres'));
  const postmaster = await startPostmaster(cluster, await freePort(), new AbortController().signal, SETTINGS);
  if (postmaster === 'in use') throw new Error(`someone uses the new directory ${directory}`);
  project.provide('postgresUrl', clusterUrl(cluster, postmaster.port, 'postgres'));
  const remover = spawn('sh', ['-c', REMOVE, 'sh', String(postmaster.pid), directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  return async () => {
    const removed = once(remover, 'exit');
    remover.stdin.end();
    await removed;
  };
}

/** The directory of temporary files; in memory, where nothing waits for a disk, if that has room. */
async function quickDirectory(): Promise<string> {
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= MEMORY_NEEDED ? MEMORY : tmpdir();
}
