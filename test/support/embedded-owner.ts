/**
 * A service reduced to its Postgres, for tests that kill it: `node embedded-owner.js <data directory>`. Prints the
 * result of the start as one line of JSON. Ignores SIGINT, and stops on SIGTERM.
 */
import { pino } from 'pino';
import { startEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.js';

process.on('SIGINT', () => {});
try {
  const postgres = await startEmbeddedPostgres({ dataDir: process.argv[2]!, log: pino({ level: 'silent' }) });
  process.once('SIGTERM', () => void postgres.stop());
  console.log(JSON.stringify({ url: postgres.url, takeover: postgres.takeover }));
} catch (error) {
  console.log(JSON.stringify({ error: String(error) }));
}
