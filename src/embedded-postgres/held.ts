import { isConnectionError } from '../postgres/pool.js';
import { bringUp, type Served } from './bring-up.js';
import type { Cluster } from './cluster.js';
import { claim, type Ownership } from './ownership.js';
import { readPidFile } from './postmaster-pid.js';
import { shutDown } from './shut-down.js';

/** A served cluster that this process owns. */
export interface Held extends Served {
  readonly ownership: Ownership;
}

/**
 * Sees to it that the cluster is served, as `bringUp` does, and becomes its owner. Throws `DataDirectoryInUse` when
 * another process is, and rejects when Postgres cannot be started, and when the signal is aborted.
 */
export async function acquire(cluster: Cluster, signal: AbortSignal, port?: number): Promise<Held> {
  for (let attempt = 1; ; attempt++) {
    const served = await bringUp(cluster, signal, port);
    try {
      return { ...served, ownership: await claim(cluster, served.postmaster) };
    } catch (error) {
      // An owner that was stopping has just shut the postmaster down.
      if (attempt === 3 || !isConnectionError(error)) throw error;
    }
  }
}

/**
 * Shuts the postmaster down if it still serves the cluster, then gives the ownership up, so that nobody claims what is
 * about to go. Never rejects.
 */
export async function release(cluster: Cluster, { postmaster, ownership }: Held): Promise<void> {
  const file = await readPidFile(cluster.data).catch(() => undefined);
  // If the postmaster is gone, its number may be another process by now.
  if (file?.pid === postmaster.pid) await shutDown(postmaster.pid);
  await ownership.release();
}
