import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { Correctable } from '../correctable.js';
import { findBinaries } from './binaries.js';
import { hasCluster, openCluster, removeDrafts } from './cluster.js';
import { clusterDirectory, inDataDirectory, makeDirectory } from './data-directory.js';
import { keepPort } from './port.js';
import { findPostmaster } from './postmaster.js';
import { prepareDatabase, serviceUrl, superuserUrl } from './service-role.js';
import { acquire, type OwnedCluster, release, supervise } from './supervise.js';

/** A Postgres that this process uses and watches over. */
export interface EmbeddedPostgres {
  /** The service's database, as its owner. Holds the password, so keep it out of logs. Valid until `stop`. */
  readonly url: string;
  /** A sentence about what this run took over from an earlier one; undefined after a proper shutdown. */
  readonly takeover: string | undefined;
  /**
   * Shuts Postgres down and resolves when it has ended: usually within a second, always within half a minute. Never
   * rejects.
   */
  stop(): Promise<void>;
}

/**
 * Starts a real Postgres with its data below `dataDir`, both created if missing, and starts it again, at the same port,
 * whenever it dies before `stop`. It listens on 127.0.0.1 alone. If this process is killed, Postgres keeps running and
 * the next start takes it over. Throws `DataDirectoryInUse` when another running service owns the directory, and
 * `Correctable` when Postgres cannot run here.
 */
export function startEmbeddedPostgres(options: { dataDir: string; log: Logger }): Promise<EmbeddedPostgres> {
  return inDataDirectory(options.dataDir, () => start(resolve(options.dataDir), options.log));
}

async function start(dataDir: string, log: Logger): Promise<EmbeddedPostgres> {
  const binaries = await findBinaries();
  await makeDirectory(dataDir);
  const cluster = await openCluster(binaries, clusterDirectory(dataDir));
  const stopping = new AbortController();
  const first = await acquire(cluster, stopping.signal);
  const { port } = first.postmaster;
  try {
    await removeDrafts(cluster);
    await keepPort(cluster, port);
    await prepareDatabase(cluster, port);
  } catch (error) {
    await release(cluster, first);
    throw error;
  }

  const supervision = supervise(first, (signal) => acquire(cluster, signal, port), log, stopping.signal);
  let stopped: Promise<void> | undefined;
  async function stop() {
    stopping.abort();
    await release(cluster, await supervision);
  }
  return {
    url: serviceUrl(cluster, port),
    takeover: describe(first, dataDir),
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** The roles that a tool may take: the owner of the service's database, or the superuser of the cluster. */
export type Role = 'service' | 'superuser';

/**
 * The database of the service that runs on a data directory, for a tool that works beside it. Throws `Correctable` when
 * no Postgres runs there.
 */
export async function runningDatabaseUrl(
  dataDir: string,
  signal: AbortSignal,
  role: Role = 'service',
): Promise<string> {
  const binaries = await findBinaries();
  return inDataDirectory(dataDir, async () => {
    const directory = clusterDirectory(dataDir);
    const cluster = (await hasCluster(directory)) ? await openCluster(binaries, directory) : undefined;
    const postmaster = cluster && (await findPostmaster(cluster, signal));
    if (!cluster || typeof postmaster !== 'object') {
      throw new Correctable(
        `No embedded PostgreSQL runs on DATA_DIR=${dataDir}. Start the service first: it runs as long as the service.`,
      );
    }
    // The service that runs may be of the release before, which worked as the superuser.
    await prepareDatabase(cluster, postmaster.port);
    return (role === 'superuser' ? superuserUrl : serviceUrl)(cluster, postmaster.port);
  });
}

function describe({ how, postmaster }: OwnedCluster, dataDir: string): string | undefined {
  switch (how) {
    case 'found':
      return (
        `Took over the Postgres that an earlier run left running on ${dataDir} ` +
        `(process ${postmaster.pid}, port ${postmaster.port}).`
      );
    case 'recovered':
      return `The Postgres of an earlier run had not been shut down: started it again on ${dataDir}.`;
    case 'started':
      return undefined;
    default:
      return how satisfies never;
  }
}
