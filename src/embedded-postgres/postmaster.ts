import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Correctable } from '../correctable.js';
import { pause } from '../waiting.js';
import { type Cluster, maintenanceClient } from './cluster.js';

/** Milliseconds for which a `postmaster.pid` that says "not ready" is believed. After that, the postmaster is asked. */
const TRUST = 5_000;

/** A postmaster that accepts logins: the process at the root of a running Postgres. */
export interface Postmaster {
  readonly pid: number;
  /** Its port on 127.0.0.1. */
  readonly port: number;
}

/**
 * Finds the postmaster that serves the cluster, and waits for it while it starts, recovers or shuts down. `'none'`: no
 * postmaster serves the cluster, and the last one was shut down. `'killed'`: none serves it, and the last one was not
 * shut down. Throws when it cannot tell.
 */
export async function findPostmaster(cluster: Cluster, signal: AbortSignal): Promise<Postmaster | 'none' | 'killed'> {
  const since = Date.now();
  for (;;) {
    const file = await readPidFile(cluster.data);
    if (!file) return 'none';
    const trusted = Date.now() - since < TRUST;
    const finding = await examine(cluster, file, trusted);
    if (finding === 'ours') return { pid: file.pid!, port: file.port! };
    // Postgres itself replaces the file of a process that has ended.
    if (finding === 'gone') return 'killed';
    if (finding !== 'busy') {
      // As long as a process has the number in the file, Postgres refuses to start. Should the postmaster run after
      // all, its shared memory keeps a second one out.
      await removePidFile(cluster.data, file);
      return 'killed';
    }
    await pause(trusted ? 20 : 500, signal);
  }
}

/** Whether the cluster's `postmaster.pid` still names this postmaster. Never rejects. */
export async function hasPostmaster(cluster: Cluster, { pid }: Postmaster): Promise<boolean> {
  const file = await readPidFile(cluster.data).catch(() => undefined);
  return file?.pid === pid;
}

/** Whether a process runs, whoever owns it. A process that has ended but not been collected by its parent does not. */
export async function isRunning(pid: number): Promise<boolean> {
  return (await processState(pid)) === 'running';
}

/**
 * What listens at a port: a server of the cluster, one that accepts no logins yet or any more, a server of other data,
 * or nothing.
 */
type Finding = 'ours' | 'busy' | 'other' | 'nobody';

async function examine(cluster: Cluster, file: PidFile, trusted: boolean): Promise<Finding | 'gone' | 'zombie'> {
  const state = file.pid === undefined ? 'running' : await processState(file.pid);
  if (state !== 'running') return state;
  // A postmaster that is not ready says so in the file. Asking it too would only fill its log.
  if (trusted && !file.ready) return 'busy';
  if (file.port === undefined) return 'nobody';
  try {
    return await probe(cluster, file.port);
  } catch (cause) {
    // It may be shutting down at this very moment.
    if (trusted) return 'busy';
    throw new Correctable(
      `Process ${file.pid} seems to be the Postgres of ${cluster.data}, but does not prove it at port ${file.port}. ` +
        `If it is another program, delete ${cluster.data}/postmaster.pid.`,
      { cause },
    );
  }
}

/**
 * Finds out who listens at a port. The proof is a file: a server that can read a file just written into the data
 * directory serves that directory, and no copy of it. Throws when the listener is silent, is no Postgres, or refuses
 * the password.
 */
async function probe(cluster: Cluster, port: number): Promise<Finding> {
  const client = maintenanceClient(cluster, port, 'probe');
  const proof = `proof-${randomUUID()}`;
  try {
    await client.connect();
    await writeFile(join(cluster.data, proof), proof, { mode: 0o644 });
    const { rows } = await client.query<{ proof: string | null }>('SELECT pg_read_file($1, true) AS proof', [proof]);
    return rows[0]?.proof === proof ? 'ours' : 'other';
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ECONNREFUSED') return 'nobody';
    if (code === '57P03') return 'busy';
    throw error;
  } finally {
    await rm(join(cluster.data, proof), { force: true });
    await client.end();
  }
}

/** What is left of a process. `'zombie'`: it has ended, but its number stays taken until its parent collects it. */
async function processState(pid: number): Promise<'running' | 'zombie' | 'gone'> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return 'gone';
  }
  // The first process of a container often never collects the orphans that it inherits. Only Linux has the file.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The state follows the program's name, which stands in brackets and may itself contain anything.
  return stat.charAt(stat.lastIndexOf(')') + 2) === 'Z' ? 'zombie' : 'running';
}

/** What `postmaster.pid` says: the file by which a postmaster holds its data directory. */
interface PidFile {
  /** The whole file. */
  readonly text: string;
  /** The process that wrote it; undefined when the file is cut off. */
  readonly pid: number | undefined;
  /** The port at which the postmaster listens; undefined until it does. */
  readonly port: number | undefined;
  /** Whether the postmaster accepts logins. */
  readonly ready: boolean;
}

/** Reads the file in a data directory. Undefined when there is none: the last postmaster was shut down. */
async function readPidFile(data: string): Promise<PidFile | undefined> {
  let text: string;
  try {
    text = await readFile(pidFileIn(data), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  // One value per line: pid, data directory, start time, port, socket directory, address, shared memory, state.
  const lines = text.split('\n').map((line) => line.trim());
  return {
    text,
    pid: Number(lines[0]) || undefined,
    port: lines[5] ? Number(lines[3]) : undefined,
    ready: lines[7] === 'ready',
  };
}

/** Removes the file, unless another process has replaced it since it was read. */
async function removePidFile(data: string, { text }: PidFile): Promise<void> {
  const aside = join(data, `postmaster.pid.${randomUUID()}`);
  try {
    // Moved first, then compared: a file that replaced it at this moment is put back and not lost.
    await rename(pidFileIn(data), aside);
    if ((await readFile(aside, 'utf8')) !== text) await link(aside, pidFileIn(data));
  } catch (error) {
    // Another process has removed it already, or a postmaster has written its own.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

function pidFileIn(data: string): string {
  return join(data, 'postmaster.pid');
}
