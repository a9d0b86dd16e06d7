import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.js';
import { findPostmaster, type Postmaster } from './postmaster.js';
import { invocation } from './run-as.js';
import { shutDown } from './shut-down.js';

/**
 * The settings of every server. The rest is as PostgreSQL ships it; so a commit is on disk before it is acknowledged.
 */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  // No sockets in the file system: their paths may have at most 107 bytes.
  'unix_socket_directories=',
  // Else two lines every five minutes that call for nothing.
  'log_checkpoints=off',
];

/** Bytes from which on the server's log is set aside at a start, in place of the one set aside before. */
const LOG_LIMIT = 1024 * 1024;

/** What a postmaster says, before it ends, when processes of another one are using the cluster. */
const IN_USE = /lock file "postmaster.pid" already exists|pre-existing shared memory block .* is still in use/;

/**
 * Starts a postmaster at a port, with further settings such as `fsync=off`, and resolves when it accepts logins, or
 * another one that was started at the same moment. It outlives this process and gets no signals from its terminal. `'in
 * use'`: processes of another one still use the cluster. Rejects when it ends for another reason, with what it said,
 * and when the signal is aborted, once it has ended.
 */
export async function startPostmaster(
  cluster: Cluster,
  port: number,
  signal: AbortSignal,
  settings: readonly string[] = [],
): Promise<Postmaster | 'in use'> {
  const log = await openLog(cluster);
  try {
    const { size: before } = await log.stat();
    const child = launch(cluster, log, [...SETTINGS, `port=${port}`, ...settings]);
    const running = await untilReady(cluster, child, signal);
    if (running) return running;
    const said = await readFrom(log, before);
    if (IN_USE.test(said)) return 'in use';
    throw new Error(`Postgres did not start on ${cluster.data}. It said:\n${said}`);
  } finally {
    await log.close();
  }
}

function launch(cluster: Cluster, log: FileHandle, settings: readonly string[]): ChildProcess {
  const args = ['-D', cluster.data, ...settings.flatMap((setting) => ['-c', setting])];
  const [file, words, options] = invocation(cluster.runAs, cluster.binaries.postgres, args);
  // Into a file, not a pipe: a pipe would break when this process is killed.
  const child = spawn(file, words, { ...options, detached: true, stdio: ['ignore', log.fd, log.fd] });
  child.unref();
  return child;
}

async function untilReady(cluster: Cluster, child: ChildProcess, signal: AbortSignal): Promise<Postmaster | undefined> {
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  try {
    while (child.exitCode === null && child.signalCode === null) {
      if (failure) throw failure;
      const found = await findPostmaster(cluster, signal);
      if (typeof found === 'object') return found;
      await sleep(20, undefined, { signal });
    }
    return undefined;
  } catch (error) {
    if (child.pid !== undefined) await shutDown(child.pid);
    throw error;
  }
}

/** Opens the log for the server to write and for us to read. */
async function openLog({ directory }: Cluster): Promise<FileHandle> {
  const path = join(directory, 'server.log');
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size > LOG_LIMIT) await rename(path, `${path}.old`);
  return open(path, 'a+', 0o600);
}

async function readFrom(log: FileHandle, start: number): Promise<string> {
  const { size } = await log.stat();
  const { buffer } = await log.read(Buffer.alloc(size - start), 0, size - start, start);
  return buffer.toString().trim();
}
