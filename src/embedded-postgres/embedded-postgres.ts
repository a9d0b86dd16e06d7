import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { findBinaries } from './binaries.js';
import { type Cluster, clusterUrl, maintenanceClient, openCluster, removeDrafts } from './cluster.js';
import { keepPort } from './port.js';
import { findPostmaster } from './postmaster.js';
import { acquire, type OwnedCluster, release, supervise } from './supervise.js';

/** The database of the service. */
const DATABASE = 'scheduler';

/** A Postgres that this process uses and watches over. */
export interface EmbeddedPostgres {
  /** The service's database, as superuser. Holds the password, so keep it out of logs. Valid until `stop`. */
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
 * the next start takes it over. Throws `DataDirectoryInUse` when another running service owns the directory, and an
 * error that says what to do when Postgres cannot run here.
 */
export async function startEmbeddedPostgres(options: { dataDir: string; log: Logger }): Promise<EmbeddedPostgres> {
  const { log } = options;
  const dataDir = resolve(options.dataDir);
  const binaries = await findBinaries();
  await mkdir(dataDir, { recursive: true });
  const cluster = await openCluster(binaries, clusterDirectory(dataDir));
  const stopping = new AbortController();
  const first = await acquire(cluster, stopping.signal);
  const { port } = first.postmaster;
  try {
    await removeDrafts(cluster);
    await keepPort(cluster, port);
    await createDatabase(cluster, port);
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
    url: clusterUrl(cluster, port, DATABASE),
    takeover: describe(first, dataDir),
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/**
 * The database of the service that runs on a data directory, for a tool that works beside it. Throws when no Postgres
 * runs there.
 */
export async function runningDatabaseUrl(dataDir: string, signal: AbortSignal): Promise<string> {
  const cluster = await openCluster(await findBinaries(), clusterDirectory(resolve(dataDir)));
  const postmaster = await findPostmaster(cluster, signal);
  if (typeof postmaster === 'string') throw new Error(`no Postgres runs on ${dataDir}`);
  return clusterUrl(cluster, postmaster.port, DATABASE);
}

function clusterDirectory(dataDir: string): string {
  return join(dataDir, 'postgres');
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

async function createDatabase(cluster: Cluster, port: number): Promise<void> {
  const client = maintenanceClient(cluster, port, 'create database');
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}
