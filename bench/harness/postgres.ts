import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { findBinaries } from '../../src/embedded-postgres/binaries.js';
import { clusterUrl, openCluster } from '../../src/embedded-postgres/cluster.js';
import { freePort } from '../../src/embedded-postgres/port.js';
import { shutDown, startPostmaster } from '../../src/embedded-postgres/start-and-stop.js';

/** The one Postgres that every subject of a run uses. */
export interface Postgres {
  readonly pid: number;
  /** The result of `select version()`. */
  readonly version: string;
  /** Creates an empty database and answers its URL. */
  createDatabase(): Promise<string>;
  /** Drops a database, ending the connections that are still open. */
  dropDatabase(url: string): Promise<void>;
  /** Makes a checkpoint, so that a measurement does not pay for the writes of the one before. */
  settle(): Promise<void>;
  /** Shuts it down and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded Postgres with the settings that the service gives it, so with every commit on disk before it is
 * acknowledged.
 * @param parent the directory in which its data is kept until it stops
 * @param settings further settings, such as `shared_preload_libraries=pg_stat_statements`
 */
export async function startPostgres(parent: string, settings: readonly string[] = []): Promise<Postgres> {
  await mkdir(parent, { recursive: true });
  const directory = await mkdtemp(join(parent, 'bench-'));
  const cluster = await openCluster(await findBinaries(), join(directory, 'postgres'));
  const postmaster = await startPostmaster(cluster, await freePort(), new AbortController().signal, settings);
  if (postmaster === 'in use') throw new Error(`another process uses the new directory ${directory}`);
  const server = clusterUrl(cluster, postmaster.port, 'postgres');
  let databases = 0;

  return {
    pid: postmaster.pid,
    version: (await ask<{ version: string }>(server, 'select version()'))[0]!.version,
    async createDatabase() {
      databases += 1;
      await ask(server, `create database bench_${databases}`);
      return clusterUrl(cluster, postmaster.port, `bench_${databases}`);
    },
    async dropDatabase(url) {
      await ask(server, `drop database if exists ${new URL(url).pathname.slice(1)} with (force)`);
    },
    async settle() {
      await ask(server, 'checkpoint');
    },
    async stop() {
      await shutDown(postmaster.pid);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The rows of a statement, on a connection of its own. */
export async function ask<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}
