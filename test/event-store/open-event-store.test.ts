import pg from 'pg';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { type EventStore, NO_STREAM, START } from '../../src/event-store/event-store.js';
import { openEventStore } from '../../src/event-store/open-event-store.js';
import { createTestDatabase } from '../support/database.js';
import { follow } from '../support/event-store-follow.js';
import { anEvent, aStream } from '../support/event-store-samples.js';
import { startKurrentdbStandIn } from '../support/kurrentdb-stand-in/stand-in.js';

/** Opens the store of a URL, and gathers what it logs. */
async function open(url: string): Promise<{ store: EventStore; logged: string[] }> {
  const logged: string[] = [];
  const store = await openEventStore(url, pino({}, { write: (line) => logged.push(JSON.parse(line).msg) }));
  onTestFinished(() => store.close());
  return { store, logged };
}

test('a URL of Postgres opens the store there, which logs an outage', async () => {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  const { store, logged } = await open(url);
  expect(await store.append(aStream(), NO_STREAM, [anEvent()])).toMatchObject({ outcome: 'appended', position: 1n });

  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`);
  await client.end();
  await expect.poll(() => logged).toContain('lost an idle connection to Postgres');
});

test('a URL of KurrentDB opens the store there, which logs an outage', async () => {
  const standIn = await startKurrentdbStandIn();
  onTestFinished(() => standIn.stop());
  const { store, logged } = await open(standIn.url);
  expect(await store.append(aStream(), NO_STREAM, [anEvent()])).toMatchObject({ outcome: 'appended', revision: 0n });

  const follower = follow(store, START, 'test-');
  await follower.until(() => follower.events.length === 1);
  await standIn.stop();
  await expect.poll(() => logged).toContain('lost the subscription to KurrentDB');
  await follower.stop();
});

test('a URL that names no store is refused', async () => {
  await expect(open('mysql://localhost')).rejects.toThrow(new RangeError('the URL names no event store'));
});
