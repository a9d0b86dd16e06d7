import pg from 'pg';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { migrateReadModel } from '../../projections/migrate-read-model.js';
import { readConfig } from '../../src/config/config.js';
import { openPostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { startService } from '../../src/main.js';
import { book, scheduled, silent } from '../projections/support.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  onTestFinished(database.drop);
});

/** Lets nothing be written to the table of sessions until it is called. */
async function holdBack(): Promise<() => Promise<void>> {
  const holder = new pg.Client({ connectionString: database.url });
  // The database may go before it.
  holder.on('error', () => {});
  await holder.connect();
  await holder.query('begin; lock table read_model.sessions in share mode');
  return () => holder.end();
}

test('a service that starts with a read model that is behind is not ready until it has caught up', async () => {
  const store = await openPostgresEventStore(database.url, { log: silent });
  await book(store, scheduled());
  await store.close();
  await migrateReadModel(database.url);
  const letGo = await holdBack();

  const config = readConfig({ PORT: '0', GRPC_PORT: '0', SHUTDOWN_DRAIN_MS: '0', EVENT_STORE_URL: database.url });
  const service = await startService(config, silent, new AbortController().signal);
  onTestFinished(() => service.stop());
  const readyz = async () => {
    const answer = await fetch(`${service.httpUrl}/readyz`);
    return { ...((await answer.json()) as { problems?: readonly string[] }), status: answer.status };
  };
  await expect.poll(readyz).toMatchObject({
    status: 503,
    problems: ['the read model has not caught up with the events since the start'],
  });

  await letGo();
  await expect.poll(readyz).toMatchObject({ status: 200 });
});
