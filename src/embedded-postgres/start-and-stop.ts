import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Correctable } from '../correctable.js';
import { pause } from '../waiting.js';
import type { Cluster } from './cluster.js';
import { complaintIn } from './complaint.js';
import { choosePort } from './port.js';
import { findPostmaster, isRunning, type Postmaster } from './postmaster.js';
import { invocation } from './run-as.js';

/** Milliseconds that the processes of a killed postmaster have to end. They do when their statement ends. */
const LEFTOVERS_LIMIT = 30_000;

/** The settings of every server. All others are as PostgreSQL ships them: a commit is on disk when acknowledged. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  // No sockets in the file system: their paths may have at most 107 bytes.
  'unix_socket_directories=',
  // Otherwise the log gets two lines every five minutes that call for nothing.
  'log_checkpoints=off',
];

/** Bytes of the server's log at which a start sets it aside, in place of the one set aside before. */
const LOG_LIMIT = 1024 * 1024;

/** What a postmaster says, before it ends, when processes of another postmaster are using the cluster. */
const IN_USE = /lock file "postmaster.pid" already exists|pre-existing shared memory block .* is still in use/;

/** The signals that shut a postmaster down, in order, and the milliseconds that each has. */
const SHUTDOWN_STEPS: [NodeJS.Signals, number][] = [
  // Ends the sessions and writes everything down. The service has 5 s in all for its shutdown.
  ['SIGINT', 3_000],
  // Ends at once. Nothing is lost, but the next start has to recover. After 5 s Postgres itself kills its processes.
  ['SIGQUIT', 6_000],
  ['SIGKILL', 1_000],
];

/** A served cluster, and how it came to be served. */
export interface Served {
  readonly postmaster: Postmaster;
  /**
   * `'found'`: a postmaster was running. `'recovered'`: started on what a killed one left. `'started'`: after a proper
   * shutdown.
   */
  readonly how: 'found' | 'recovered' | 'started';
}

/**
 * Makes sure that a postmaster serves the cluster: the one that runs, or else a new one at the port; without a port, at
 * the last one or, if that is taken, another. Waits until the processes of a killed postmaster have ended. Rejects when
 * no postmaster can be started, and when the signal aborts.
 */
export async function bringUp(cluster: Cluster, signal: AbortSignal, port?: number): Promise<Served> {
  const end = Date.now() + LEFTOVERS_LIMIT;
  let killed = false;
  do {
    const found = await findPostmaster(cluster, signal);
    if (typeof found === 'object') return { postmaster: found, how: 'found' };
    killed ||= found === 'killed';
    const postmaster = await startPostmaster(cluster, port ?? (await choosePort(cluster)), signal);
    if (postmaster !== 'in use') return { postmaster, how: killed ? 'recovered' : 'started' };
    await pause(100, signal);
  } while (Date.now() < end);
  throw new Correctable(
    `Processes of a Postgres that was killed still use ${cluster.data}. End them, then start again.`,
  );
}

/**
 * Starts a postmaster at a port, with further settings such as `fsync=off`, and resolves when it accepts logins, or
 * another one that was started at the same moment. It outlives this process and gets no signals from its terminal.
 * `'in use'`: processes of another postmaster still use the cluster. Rejects when it ends for another reason, with what
 * it said. When the signal aborts, ends it and rejects.
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
    throw new Correctable(
      `PostgreSQL does not start on ${cluster.data}: ${complaintIn(said)}. ` +
        `Correct that, or set DATA_DIR to another directory. Its log is ${logOf(cluster)}.`,
    );
  } finally {
    await log.close();
  }
}

/** Shuts a postmaster down. Resolves when it has ended, and after 10 s at the latest. Never rejects. */
export async function shutDown(pid: number): Promise<void> {
  for (const [signal, limit] of SHUTDOWN_STEPS) {
    send(pid, signal);
    const end = Date.now() + limit;
    while (Date.now() < end) {
      if (!(await isRunning(pid))) return;
      await pause(10);
    }
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
      await pause(20, signal);
    }
    return undefined;
  } catch (error) {
    if (child.pid !== undefined) await shutDown(child.pid);
    throw error;
  }
}

/** Opens the log for the server to write and for this process to read. */
async function openLog(cluster: Cluster): Promise<FileHandle> {
  const path = logOf(cluster);
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size > LOG_LIMIT) await rename(path, `${path}.old`);
  return open(path, 'a+', 0o600);
}

function logOf({ directory }: Cluster): string {
  return join(directory, 'server.log');
}

async function readFrom(log: FileHandle, start: number): Promise<string> {
  const { size } = await log.stat();
  const { buffer } = await log.read(Buffer.alloc(size - start), 0, size - start, start);
  return buffer.toString().trim();
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}
