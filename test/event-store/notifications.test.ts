import pg from 'pg';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { openNotifications } from '../../src/event-store/postgres/notifications.js';
import { createTestDatabase } from '../support/database.js';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function open(url: string, onHint = () => {}) {
  const logged: string[] = [];
  const log = pino({}, { write: (line) => logged.push(JSON.parse(line).msg) });
  const notifications = openNotifications(url, onHint, log);
  onTestFinished(() => notifications.close());
  return { notifications, logged };
}

test('many hints become few notifications, and none comes when nobody sends', async () => {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  const listener = new pg.Client({ connectionString: url });
  await listener.connect();
  onTestFinished(() => listener.end());
  let heard = 0;
  listener.on('notification', () => {
    heard += 1;
  });
  await listener.query('listen event_store');

  let [ownHints, hints] = [0, 0];
  const connected = new Promise<void>((resolve) => {
    open(url, () => {
      hints += 1;
      resolve();
    });
  });
  const { notifications } = open(url, () => {
    ownHints += 1;
  });
  await connected;
  await expect.poll(() => ownHints).toBe(1);

  for (let nr = 0; nr < 100; nr += 1) notifications.send();
  // One for the first, one for all others.
  await expect.poll(() => heard).toBe(2);
  await pause(200);
  expect(heard).toBe(2);
  notifications.send();
  await expect.poll(() => heard).toBe(3);
  // The other store hears them all, this one none of its own: its one hint says that it may have missed some.
  await expect.poll(() => hints).toBe(1 + 3);
  await pause(100);
  expect([heard, hints, ownHints]).toEqual([3, 1 + 3, 1]);
});

test('an outage is logged once, however often the connection is tried', async () => {
  // Nothing listens at this port.
  const { logged } = open('postgres://postgres@127.0.0.1:1/none');
  await expect.poll(() => logged).toEqual(['no notifications from Postgres, subscriptions only poll']);
  // At 100 and 300 ms it is tried again.
  await pause(500);
  expect(logged).toHaveLength(1);
});
