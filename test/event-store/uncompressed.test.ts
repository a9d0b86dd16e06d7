import { EventStoreDBClient } from '@eventstore/db-client';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { NO_STREAM, START } from '../../src/event-store/event-store.js';
import { prepareAppend } from '../../src/event-store/kurrentdb/append.js';
import { createKurrentdbClient } from '../../src/event-store/kurrentdb/kurrentdb-client.js';
import { anEvent, aStream } from '../support/event-store-samples.js';
import { startKurrentdbStandIn } from '../support/kurrentdb-stand-in/stand-in.js';

const STREAMS = '/event_store.client.streams.Streams';

async function start() {
  const standIn = await startKurrentdbStandIn();
  onTestFinished(() => standIn.stop());
  return standIn;
}

test('no call lets the node compress what it answers', async () => {
  const standIn = await start();
  const client = createKurrentdbClient(standIn.url, pino({ level: 'silent' }));
  onTestFinished(() => client.close());
  const append = () => prepareAppend(aStream(), NO_STREAM, [anEvent()]);
  await client.appendTogether(append(), 5_000);
  await client.appendAlone(append(), 5_000);
  await client.read(aStream(), 0n, 10, 5_000);
  await client.readBackwards(aStream(), 10, 5_000);
  await client.head(5_000);
  const subscription = client.subscribe(START, [''], 1);
  await subscription.take(5_000);
  subscription.close();
  expect([...standIn.compressed]).toEqual([]);
});

test('the stand-in compresses for the client as it is, like nodes from 25.1', async () => {
  const standIn = await start();
  const client = EventStoreDBClient.connectionString(standIn.url);
  onTestFinished(() => client.dispose());
  for await (const _ of client.readAll()) break;
  expect([...standIn.compressed]).toEqual([`${STREAMS}/Read`]);
});
