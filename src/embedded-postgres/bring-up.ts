import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.js';
import { choosePort } from './port.js';
import { findPostmaster, type Postmaster } from './postmaster.js';
import { startPostmaster } from './start-postmaster.js';

/** Milliseconds that the processes of a killed postmaster have to go away. They do when their statement ends. */
const LIMIT = 30_000;

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
 * Sees to it that a postmaster serves the cluster: the one that runs, or else a new one at the port; without a port, at
 * the last one or, if that is taken, another. Waits for the processes of a killed one to go away. Rejects when it
 * cannot be started, and when the signal is aborted.
 */
export async function bringUp(cluster: Cluster, signal: AbortSignal, port?: number): Promise<Served> {
  const end = Date.now() + LIMIT;
  let killed = false;
  do {
    const found = await findPostmaster(cluster, signal);
    if (typeof found === 'object') return { postmaster: found, how: 'found' };
    killed ||= found === 'killed';
    const postmaster = await startPostmaster(cluster, port ?? (await choosePort(cluster)), signal);
    if (postmaster !== 'in use') return { postmaster, how: killed ? 'recovered' : 'started' };
    await sleep(100, undefined, { signal });
  } while (Date.now() < end);
  throw new Error(`Processes of a Postgres that was killed still use ${cluster.data}. End them, then start again.`);
}
