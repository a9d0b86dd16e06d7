import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { connectionSettings } from './pool.js';

const silent = { info() {}, warn() {}, error() {} };

/** Milliseconds to wait for another process that migrates the same database, or that uses a table to be changed. */
const LOCK_LIMIT = 60_000;

/** Milliseconds that a statement of a migration may take: changing a large table is slow. */
const STATEMENT_LIMIT = 600_000;

/**
 * Brings a schema up to date: runs the `.sql` files of the folder that have not run yet, in order of their numbers and
 * in one transaction, and records them in `<schema>.migrations`. Creates the schema. Processes that start together take
 * turns. Throws what Postgres throws, and when it is unavailable: then nothing has changed.
 */
export async function migrate(url: string, schema: string, folder: URL): Promise<void> {
  const settings = connectionSettings(url, `migrate ${schema}`, 3_000, STATEMENT_LIMIT);
  const client = new pg.Client({ ...settings, lock_timeout: LOCK_LIMIT });
  // The statement under way rejects too; without a listener the event would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    await runner({
      dbClient: client,
      dir: fileURLToPath(folder),
      direction: 'up',
      schema,
      createSchema: true,
      migrationsTable: 'migrations',
      advisoryLockMode: 'wait',
      singleTransaction: true,
      logger: silent,
    });
  } finally {
    await client.end();
  }
}
