import { join, resolve } from 'node:path';
import { findBinaries } from './binaries.js';
import { clusterUrl, openCluster } from './cluster.js';
import { DATABASE } from './embedded-postgres.js';
import { findPostmaster } from './postmaster.js';

/**
 * The database of the service that runs on a data directory, for a tool that works beside it. Throws when Postgres does
 * not run there.
 */
export async function runningDatabaseUrl(dataDir: string, signal: AbortSignal): Promise<string> {
  const cluster = await openCluster(await findBinaries(), join(resolve(dataDir), 'postgres'));
  const postmaster = await findPostmaster(cluster, signal);
  if (typeof postmaster === 'string') throw new Error(`no Postgres runs on ${dataDir}`);
  return clusterUrl(cluster, postmaster.port, DATABASE);
}
