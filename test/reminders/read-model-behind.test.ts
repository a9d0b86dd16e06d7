import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { DueReminder } from '../../src/reminders/lease.js';
import { runReminders } from '../../src/reminders/run-reminders.js';
import { silent } from '../projections/support.js';
import { commandProcess } from '../support/command-process.js';
import { createMemoryLog } from '../support/memory-event-store.js';
import { submissionOf } from '../support/submissions.js';
import { createMemoryDatabase } from './memory-lease.js';
import { at, booking } from './support.js';

test('what is due waits until the read model shows all that was booked', async () => {
  const store = createMemoryLog().open();
  const database = createMemoryDatabase(store);
  const running = new AbortController();
  onTestFinished(() => running.abort());
  const asked: DueReminder[] = [];
  let looks = 0;
  let time = at('06:00');
  void runReminders({
    offsets: [60],
    store,
    holdLease: (signal, work) => {
      const lease = database.lease(signal);
      const readModelPosition = () => {
        looks += 1;
        return lease.readModelPosition();
      };
      return work({ ...lease, readModelPosition });
    },
    remind: async (reminder) => void asked.push(reminder),
    now: () => time,
    log: silent,
    signal: running.signal,
    interval: 1,
  });
  const head = () => store.head();
  await expect.poll(() => database.saved?.toldUpTo).toBe(time);

  const noon = booking('12:00');
  await commandProcess(store).submit(submissionOf({ ...noon, clientHashId: randomUUID() }));
  await expect.poll(async () => database.saved?.position === (await head())).toBe(true);
  time = at('11:00');
  const before = looks;
  await expect.poll(() => looks).toBeGreaterThan(before + 2);
  expect(asked).toEqual([]);
  database.shown = await head();
  await expect.poll(() => asked.map(({ sessionId }) => sessionId)).toEqual([noon.sessionId]);
});
