import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { connectionSettings } from './pool.js';

const silent = { info() {}, warn() {}, error() {} };

/** Milliseconds that a process waits while another one migrates the same database. */
const LIMIT = 60_000;

/**
 * Brings a schema up to date: runs the `.sql` files of the folder that have not run yet, in order of their numbers and in one
 * transaction, and notes them in `<schema>.migrations`. Creates the schema. Processes that start together take turns.
 * Throws what Postgres throws, or when it is away: then nothing has changed.
 */
export async function migrate(url: string, schema: string, folder: URL): Promise<void> {
  const client = new pg.Client(connectionSettings(url, `migrate ${schema}`, 3_000, LIMIT));
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
      logger: silent,
    });
  } finally {
    await client.end();
  }
}
