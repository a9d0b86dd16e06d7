import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { findBinaries } from './binaries.js';
import { type Cluster, clusterUrl, openCluster, removeDrafts } from './cluster.js';
import { acquire, type Held, release } from './held.js';
import { maintenanceClient } from './maintenance-client.js';
import { keepPort } from './port.js';
import { supervise } from './supervise.js';

/** The database of the service. */
export const DATABASE = 'scheduler';

/** A Postgres that serves this process, and that this process watches over. */
export interface EmbeddedPostgres {
  /** The service's database, as superuser and with the password, so not for logs. Valid until `stop`. */
  readonly url: string;
  /** A sentence about what an earlier run left and this one took over; undefined after a proper shutdown. */
  readonly takeover: string | undefined;
  /**
   * Shuts Postgres down and resolves when it is gone: within a second as a rule, within half a minute always. Never
   * rejects.
   */
  stop(): Promise<void>;
}

/**
 * Starts a real Postgres with its data below `dataDir`, both created if missing, and starts it again, at the same port,
 * whenever it dies before `stop`. It listens on 127.0.0.1 alone. It outlives this process if this is killed, and the
 * next start takes it over. Throws `DataDirectoryInUse` when another running service has the directory, else says why
 * Postgres cannot run here.
 */
export async function startEmbeddedPostgres(options: { dataDir: string; log: Logger }): Promise<EmbeddedPostgres> {
  const { log } = options;
  const dataDir = resolve(options.dataDir);
  const binaries = await findBinaries();
  await mkdir(dataDir, { recursive: true });
  const cluster = await openCluster(binaries, join(dataDir, 'postgres'));
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

function describe({ how, postmaster }: Held, dataDir: string): string | undefined {
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
