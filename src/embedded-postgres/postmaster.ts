import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.js';
import { type PidFile, readPidFile, removePidFile } from './postmaster-pid.js';
import { type Finding, probe } from './probe.js';
import { processState } from './process-state.js';

/** Milliseconds for which `postmaster.pid` is believed that its process is a postmaster which is not ready. */
const TRUST = 5_000;

/** A postmaster that accepts logins: the process at the root of a running Postgres. */
export interface Postmaster {
  readonly pid: number;
  /** Its port on 127.0.0.1. */
  readonly port: number;
}

/**
 * Finds the postmaster that serves the cluster, and waits for it while it starts, recovers or shuts down. `'none'`: it
 * is not served, and was shut down. `'killed'`: it is not served, and was not shut down. Throws when it cannot be told.
 */
export async function findPostmaster(cluster: Cluster, signal: AbortSignal): Promise<Postmaster | 'none' | 'killed'> {
  const since = Date.now();
  for (;;) {
    const file = await readPidFile(cluster.data);
    if (!file) return 'none';
    const trusted = Date.now() - since < TRUST;
    const finding = await examine(cluster, file, trusted);
    if (finding === 'ours') return { pid: file.pid!, port: file.port! };
    // Postgres itself replaces the file of a process that is gone.
    if (finding === 'gone') return 'killed';
    if (finding !== 'busy') {
      // While the number is taken Postgres would refuse to start. Should the postmaster run after all, its shared
      // memory keeps a second one out.
      await removePidFile(cluster.data, file);
      return 'killed';
    }
    await sleep(trusted ? 20 : 500, undefined, { signal });
  }
}

async function examine(cluster: Cluster, file: PidFile, trusted: boolean): Promise<Finding | 'gone' | 'zombie'> {
  const state = file.pid === undefined ? 'running' : await processState(file.pid);
  if (state !== 'running') return state;
  // A postmaster that is not ready says so in the file. To ask it too would only fill its log.
  if (trusted && !file.ready) return 'busy';
  if (file.port === undefined) return 'nobody';
  try {
    return await probe(cluster, file.port);
  } catch (cause) {
    // It may be going down at this very moment.
    if (trusted) return 'busy';
    throw new Error(
      `Process ${file.pid} seems to be the Postgres of ${cluster.data}, but gives no proof at port ${file.port}. ` +
        `If it is another program, delete ${cluster.data}/postmaster.pid.`,
      { cause },
    );
  }
}
