import type { Logger } from 'pino';
import { isConnectionError } from '../postgres/pool.js';
import { createBackoff, pauseQuietly, within } from '../waiting.js';
import type { Cluster } from './cluster.js';
import { claim, type Ownership } from './ownership.js';
import { hasPostmaster } from './postmaster.js';
import { bringUp, type Served, shutDown } from './start-and-stop.js';

/** Milliseconds between attempts to start Postgres: the first pause, doubled up to the longest. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/** The most attempts to become the owner of a cluster whose owner is stopping. */
const ATTEMPTS = 3;

/** A served cluster that this process owns. */
export interface OwnedCluster extends Served {
  readonly ownership: Ownership;
}

/**
 * Makes sure that the cluster is served, as `bringUp` does, and becomes its owner. Throws `DataDirectoryInUse` when
 * another process owns it. Rejects when Postgres cannot be started, and when the signal aborts.
 */
export async function acquire(cluster: Cluster, signal: AbortSignal, port?: number): Promise<OwnedCluster> {
  for (let attempt = 1; ; attempt++) {
    const served = await bringUp(cluster, signal, port);
    try {
      return { ...served, ownership: await claim(cluster, served.postmaster) };
    } catch (error) {
      // An owner that was stopping has just shut the postmaster down.
      if (attempt === ATTEMPTS || !isConnectionError(error)) throw error;
    }
  }
}

/**
 * Shuts the postmaster down if it still serves the cluster, then gives up the ownership, so that nobody claims a
 * cluster that is about to go. Never rejects.
 */
export async function release(cluster: Cluster, { postmaster, ownership }: OwnedCluster): Promise<void> {
  // Once the postmaster has ended, another process may have its number.
  if (await hasPostmaster(cluster, postmaster)) await shutDown(postmaster.pid);
  await ownership.release();
}

/**
 * Watches over an owned cluster. Whenever the ownership ends, which it does when Postgres dies, calls `acquireAgain`
 * until it succeeds. When the signal aborts, resolves with the cluster as it is owned then, or was owned last. Never
 * rejects. Logs each change once.
 */
export async function supervise(
  first: OwnedCluster,
  acquireAgain: (signal: AbortSignal) => Promise<OwnedCluster>,
  log: Logger,
  signal: AbortSignal,
): Promise<OwnedCluster> {
  let owned = first;
  for (;;) {
    await within(owned.ownership.lost, { signal }).catch(() => {});
    if (signal.aborted) return owned;
    log.warn('Postgres has ended unexpectedly; starting it again');
    const regained = await regain(acquireAgain, log, signal);
    if (!regained) return owned;
    owned = regained;
    log.info('Postgres is back');
  }
}

/** Undefined when the signal aborted. */
async function regain(
  acquireAgain: (signal: AbortSignal) => Promise<OwnedCluster>,
  log: Logger,
  signal: AbortSignal,
): Promise<OwnedCluster | undefined> {
  const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
  while (!signal.aborted) {
    try {
      return await acquireAgain(signal);
    } catch (err) {
      if (signal.aborted) return undefined;
      if (backoff.atStart) log.error({ err }, 'Postgres could not be started yet; trying again until it runs');
    }
    await pauseQuietly(backoff.next(), signal);
  }
  return undefined;
}
