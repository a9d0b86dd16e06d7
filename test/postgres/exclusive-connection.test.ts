import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type ExclusiveConnection, openExclusiveConnection } from '../../src/postgres/exclusive-connection.js';
import { openWorld, type World } from '../projections/support.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

async function connect(name: string): Promise<ExclusiveConnection> {
  const connection = await openExclusiveConnection(world.url, name, 10_000, new AbortController().signal);
  onTestFinished(connection.close);
  return connection;
}

/** Waits until the connection's last statement began longer ago than so many milliseconds. */
async function hasWaited({ client }: ExclusiveConnection, ms = 100): Promise<void> {
  const { processID } = client as unknown as { processID: number };
  const waited =
    "select from pg_stat_activity where pid = $1 and state_change < clock_timestamp() - $2 * interval '1 ms'";
  await expect.poll(async () => (await world.pool.query(waited, [processID, ms])).rowCount).toBe(1);
}

/** Ends the holder of a lock if it is taken for frozen after so long, and tells whether it was. */
async function isEnded(holder: ExclusiveConnection, lock: string, other = connect('another'), after = 100) {
  const ended = await (await other).endFrozen(lock, after);
  if (ended) await expect.poll(async () => (await other).tryLock(lock)).toBe(true);
  await expect.poll(() => holder.lost.aborted).toBe(ended);
  return ended;
}

describe('the holder of a lock', () => {
  test('keeps others from it, until it is closed', async () => {
    const [holder, other] = [await connect('holder'), await connect('another')];
    expect(await holder.tryLock('kept')).toBe(true);
    expect([await other.tryLock('kept'), await other.isTaken('kept'), await other.isTaken('free')]).toEqual([
      false,
      true,
      false,
    ]);
    await holder.close();
    await expect.poll(() => other.tryLock('kept')).toBe(true);
  });

  test('is ended when it has run nothing for too long', async () => {
    const holder = await connect('holder');
    await holder.tryLock('idle');
    await hasWaited(holder);
    expect(await isEnded(holder, 'idle')).toBe(true);
    await expect(holder.client.query('select 1')).rejects.toThrow();
  });

  test('is ended after 3 s, three beats, unless another time is given', async () => {
    const holder = await connect('holder');
    const other = await connect('another');
    await holder.tryLock('default');
    await hasWaited(holder, 2_000);
    await holder.beat();
    expect(await other.endFrozen('default')).toBe(false);
    await hasWaited(holder, 3_000);
    expect(await other.endFrozen('default')).toBe(true);
  });

  test('is ended in a transaction that it has left open, of which nothing stays', async () => {
    const holder = await connect('holder');
    await holder.tryLock('open');
    await holder.client.query('create table written (n int)');
    await holder.client.query('begin; insert into written values (1)');
    await hasWaited(holder);
    expect(await isEnded(holder, 'open')).toBe(true);
    expect((await world.pool.query('select from written')).rowCount).toBe(0);
  });

  test('stays while it beats', async () => {
    const holder = await connect('holder');
    await holder.tryLock('beating');
    const other = connect('another');
    await other;
    await hasWaited(holder, 1_000);
    await holder.beat();
    expect(await isEnded(holder, 'beating', other, 900)).toBe(false);
  });

  test('stays while a statement is under way', async () => {
    const holder = await connect('holder');
    await holder.tryLock('busy');
    const busy = holder.client.query('select pg_sleep(60)');
    busy.catch(() => {});
    await hasWaited(holder);
    expect(await isEnded(holder, 'busy')).toBe(false);
  });

  test('stays when another lock is asked about', async () => {
    const holder = await connect('holder');
    await holder.tryLock('own');
    await hasWaited(holder);
    expect(await isEnded(holder, 'other')).toBe(false);
  });
});
