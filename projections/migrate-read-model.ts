import { migrate } from '../src/postgres/migrate.js';

/**
 * Creates the schema `read_model`, or brings it up to date. Processes take turns. Throws what Postgres throws, or when
 * it is away.
 */
export function migrateReadModel(url: string): Promise<void> {
  return migrate(url, 'read_model', new URL('./migrations/', import.meta.url));
}
