import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { type Logger, pino } from 'pino';
import { afterEach } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.js';
import { shutDown } from '../../src/embedded-postgres/start-and-stop.js';
import { type Service, startService } from './embedded-service.js';

const run = promisify(execFile);

/** What a test can start. Everything is stopped and removed when the test has ended. */
export interface Stage {
  /** An empty directory that every user can enter. */
  newDirectory(): Promise<string>;
  /** Starts Postgres in this process. */
  start(dataDir: string, log?: Logger): Promise<EmbeddedPostgres>;
  /** Starts a service in a process of its own. */
  startService(script: string, dataDir: string): Promise<Service>;
}

/** Sets the stage for every test of the file. */
export function useStage(): Stage {
  const directories: string[] = [];
  const owners: { stop(): Promise<unknown> }[] = [];

  afterEach(async () => {
    // Owners first: they would restart a Postgres that is shut down before them.
    await Promise.all(owners.splice(0).map((owner) => owner.stop()));
    await Promise.all(directories.splice(0).map(clear));
  });

  function remember<T extends { stop(): Promise<unknown> }>(owner: T): T {
    owners.push(owner);
    return owner;
  }

  return {
    async newDirectory() {
      const directory = await mkdtemp(join(tmpdir(), 'scheduler-embedded-'));
      directories.push(directory);
      await chmod(directory, 0o755);
      return directory;
    },
    start: async (dataDir, log = pino({ level: 'silent' })) => remember(await startEmbeddedPostgres({ dataDir, log })),
    startService: async (script, dataDir) => remember(await startService(script, dataDir)),
  };
}

async function clear(directory: string): Promise<void> {
  const pid = await postmasterPid(directory).catch(() => undefined);
  if (pid !== undefined) await shutDown(pid);
  // The server may be writing its last.
  await rm(directory, { recursive: true, maxRetries: 20 });
}

/** The process at the root of the Postgres that runs, or was killed, on a data directory. */
export async function postmasterPid(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8'), 10);
}

/** Copies a directory, owners and all. */
export async function copyDirectory(from: string, to: string): Promise<void> {
  await run('cp', ['-a', `${from}/.`, to]);
}

/** Runs one statement on a connection of its own. */
export async function query(url: string, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  // Also when Postgres is killed between two statements.
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.query(statement);
  } finally {
    await client.end();
  }
}
