import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openExclusiveConnection } from '../../src/postgres/exclusive-connection.js';
import type { DueReminder } from '../../src/reminders/lease.js';
import { createRemind } from '../../src/reminders/remind.js';
import { createDeferred } from '../../src/waiting.js';
import { book, scheduled, terminate } from '../projections/support.js';
import { commandProcess } from '../support/command-process.js';
import { at, booking, type ReminderWorld, reminderWorld } from './support.js';

const DAY = 1_440;
const HOUR = 60;

/** Which reminders were told, by their sessions and offsets. */
async function toldOf(world: ReminderWorld, ids: Readonly<Record<string, string>> = {}): Promise<[string, number][]> {
  const nameOf = (id: string) => Object.entries(ids).find(([, one]) => one === id)?.[0] ?? id;
  return (await world.told()).map(({ sessionId, offsetMinutes }) => [nameOf(sessionId), offsetMinutes]);
}

async function passTo(world: ReminderWorld, time: number): Promise<void> {
  world.time = time;
  await world.settled();
}

describe('a reminder', () => {
  test('is told when it is due, and not before', async () => {
    const world = await reminderWorld();
    const noon = booking('12:00');
    await world.does(noon);
    world.remind([120, HOUR]);
    await world.settled();
    await passTo(world, at('10:00') - 1);
    expect(await world.told()).toEqual([]);
    await passTo(world, at('10:00'));
    await passTo(world, at('11:00') + 500);
    const about = { sessionId: noon.sessionId, start: noon.start, updatedAt: at('06:00'), sessionRevision: 0 };
    expect(await world.told()).toMatchObject([
      { ...about, offsetMinutes: 120, remindedAt: at('10:00') },
      { ...about, offsetMinutes: HOUR, remindedAt: at('11:00') + 500 },
    ]);
  });

  test('of a session that is booked while reminders are made is told, too', async () => {
    const world = await reminderWorld();
    world.remind([HOUR]);
    await world.settled();
    const noon = booking('12:00');
    await world.does(noon);
    await passTo(world, at('11:00'));
    expect(await toldOf(world)).toEqual([[noon.sessionId, HOUR]]);
  });

  test('whose time is over when its booking comes to be known is told at once', async () => {
    const world = await reminderWorld();
    world.remind([HOUR]);
    await world.settled();
    await passTo(world, at('11:00'));
    const { sessionId, ...session } = scheduled({
      start: at('12:00'),
      scheduledAt: at('11:00') - 1,
      coachHashId: 'zoe',
    });
    await book(world.store, { ...session, sessionId });
    await world.settled();
    expect(await toldOf(world)).toEqual([[sessionId, HOUR]]);
  });

  test('that was past when its session was booked or moved is not told', async () => {
    const world = await reminderWorld();
    world.remind([DAY, HOUR]);
    await world.settled();
    const noon = booking('12:00', { now: at('11:00') });
    await world.does(noon);
    const one = booking('13:00');
    await world.does(one);
    await passTo(world, at('11:30'));
    await world.does({
      type: 'RescheduleSession',
      coachHashId: 'ann',
      sessionId: one.sessionId,
      etag: undefined,
      start: at('12:30'),
      duration: undefined,
      reason: undefined,
      now: at('11:30'),
    });
    await passTo(world, at('12:20'));
    expect(await world.told()).toEqual([]);
  });

  test('is told anew when its session is moved, and not for the time that the session has no more', async () => {
    const world = await reminderWorld();
    world.remind([HOUR]);
    await world.settled();
    const noon = booking('12:00');
    await world.does(noon);
    await passTo(world, at('11:00'));
    const move = {
      type: 'RescheduleSession',
      coachHashId: 'ann',
      sessionId: noon.sessionId,
      etag: '0',
      start: at('15:00'),
      duration: undefined,
      reason: undefined,
      now: at('11:30'),
    } as const;
    await world.does(move);
    await passTo(world, at('13:59'));
    expect(await world.told()).toHaveLength(1);
    await passTo(world, at('14:00'));
    expect((await world.told()).map(({ start }) => start)).toEqual([at('12:00'), at('15:00')]);
  });

  test('of a session that is cancelled is not told', async () => {
    const world = await reminderWorld();
    world.remind([HOUR]);
    await world.settled();
    const [noon, one] = [booking('12:00'), booking('13:00')];
    await world.does(noon);
    await world.does(one);
    const { sessionId } = noon;
    const cancel = { type: 'CancelSession', coachHashId: 'ann', sessionId, etag: undefined, now: at('10:00') } as const;
    await world.does({ ...cancel, cancelledBy: 'client', reason: undefined });
    await passTo(world, at('12:00'));
    expect(await toldOf(world)).toEqual([[one.sessionId, HOUR]]);
  });

  test('of a hold is not told, until the hold is confirmed', async () => {
    const world = await reminderWorld();
    world.remind([HOUR]);
    await world.settled();
    const { sessionId: holdId, type: _, now, ...slot } = booking('12:00');
    await world.does({ type: 'HoldSlot', holdId, ...slot, now, expiresAt: at('11:30') });
    await passTo(world, at('10:59'));
    await world.does({ type: 'ConfirmHold', coachHashId: 'ann', holdId, now: at('10:59') });
    await passTo(world, at('11:10'));
    expect(await toldOf(world)).toEqual([[holdId, HOUR]]);
  });

  test('of one of many at the same time is told like all others', async () => {
    const world = await reminderWorld();
    const events = Array.from({ length: 1_100 }, (_, n) => {
      return scheduled({ start: at('12:00'), scheduledAt: at('06:00'), coachHashId: `coach-${n}` });
    });
    await Promise.all(events.map((event) => book(world.store, event)));
    world.remind([HOUR]);
    await world.settled();
    await passTo(world, at('11:00'));
    expect(new Set((await world.told()).map(({ sessionId }) => sessionId)).size).toBe(1_100);
  });
});

describe('after a restart', () => {
  test('what fell due meanwhile is told, the longest offset first, but not of what has begun', async () => {
    const world = await reminderWorld();
    const before = world.remind([120, HOUR]);
    await world.settled();
    await before.stop();
    const [ten, noon] = [booking('10:00'), booking('12:00')];
    await world.does(ten);
    await world.does(noon);
    world.time = at('11:30');
    world.remind([120, HOUR]);
    await world.settled();
    expect(await toldOf(world, { ten: ten.sessionId, noon: noon.sessionId })).toEqual([
      ['noon', 120],
      ['noon', HOUR],
    ]);
  });

  test('nothing is told twice, also when nothing was saved', async () => {
    const world = await reminderWorld();
    const noon = booking('12:00');
    await world.does(noon);
    const before = world.remind([HOUR]);
    await world.settled();
    await world.pool.query('create table kept as table read_model.reminder_offsets');
    await passTo(world, at('11:00'));
    await before.stop();
    await world.pool.query(
      'update read_model.reminder_offsets set told_up_to = kept.told_up_to, position = 0 from kept',
    );
    world.remind([HOUR]);
    await world.settled();
    expect(await toldOf(world)).toEqual([[noon.sessionId, HOUR]]);
  });

  test('an offset that was added is told of what is not past yet', async () => {
    const world = await reminderWorld();
    const [noon, half, one] = [booking('12:00'), booking('12:30'), booking('13:00')];
    for (const session of [noon, half, one]) await world.does(session);
    const before = world.remind([30]);
    await world.settled();
    await passTo(world, at('11:00'));
    await before.stop();
    // Of a process whose clock is behind.
    await book(world.store, scheduled({ start: at('11:55'), scheduledAt: at('10:50'), coachHashId: 'zoe' }));
    world.time = at('11:40');
    world.remind([HOUR, 30]);
    await world.settled();
    await passTo(world, at('12:00'));
    const told = await toldOf(world, { noon: noon.sessionId, half: half.sessionId, one: one.sessionId });
    expect(told.filter(([, offset]) => offset === HOUR)).toEqual([['one', HOUR]]);
    expect(told).toContainEqual(['noon', 30]);
    expect(told).toContainEqual(['half', 30]);
  });

  test('an offset that was removed is told no more, and begins afresh when it is added again', async () => {
    const world = await reminderWorld();
    await world.does(booking('12:00'));
    await (async () => {
      const before = world.remind([HOUR, 30]);
      await world.settled();
      await before.stop();
    })();
    const without = world.remind([15]);
    await world.settled();
    await passTo(world, at('11:31'));
    await without.stop();
    world.remind([HOUR, 30, 15]);
    await world.settled();
    expect(await world.told()).toEqual([]);
    await passTo(world, at('11:45'));
    expect((await world.told()).map(({ offsetMinutes }) => offsetMinutes)).toEqual([15]);
  });

  test('with a position that the log has not reached, what is behind is told', async () => {
    const world = await reminderWorld();
    const before = world.remind([HOUR]);
    await world.settled();
    await passTo(world, at('11:00'));
    await before.stop();
    await world.pool.query('update read_model.reminder_offsets set position = 1000');
    const { sessionId, ...session } = scheduled({ start: at('12:00'), scheduledAt: at('11:00') - 1 });
    await book(world.store, { ...session, sessionId });
    world.remind([HOUR]);
    await world.settled();
    await expect.poll(() => toldOf(world)).toEqual([[sessionId, HOUR]]);
  });
});

describe('of two processes', () => {
  test('one makes the reminders, the other takes over when the connection of the first is lost', async () => {
    const world = await reminderWorld();
    const noon = booking('12:00');
    await world.does(noon);
    world.remind([120, HOUR]);
    await world.settled();
    const waits = createDeferred<void>();
    const asked: DueReminder[] = [];
    const reminds = createRemind({ commands: world.commands, now: () => world.time, newId: randomUUID });
    const remind = (one: DueReminder) => {
      asked.push(one);
      return reminds(one);
    };
    world.remind([120, HOUR], { remind, onWait: () => waits.resolve() });
    await world.settled();
    await waits.promise;
    await passTo(world, at('10:00'));
    expect(asked).toEqual([]);

    await expect
      .poll(async () => {
        await terminate(world.pool, 'reminders');
        await world.settled();
        return toldOf(world);
      })
      .toEqual([[noon.sessionId, 120]]);
    await passTo(world, at('11:00'));
    expect(await toldOf(world)).toEqual([
      [noon.sessionId, 120],
      [noon.sessionId, HOUR],
    ]);
  });

  test('both at once tell each reminder once', async () => {
    const world = await reminderWorld();
    const sessions = ['12:00', '12:10', '12:20', '12:30'].map((time) => booking(time));
    for (const one of sessions) await world.does(one);
    world.time = at('11:30');
    const due = sessions.map(({ sessionId, coachHashId, start }): DueReminder => {
      return { sessionId, coachHashId, start, offsetMinutes: HOUR };
    });
    const processes = [1, 2].map(() => {
      return createRemind({ commands: commandProcess(world.store), now: () => world.time, newId: randomUUID });
    });
    await Promise.all(processes.flatMap((remind) => due.map(remind)));
    expect((await world.told()).map(({ start }) => start).sort()).toEqual(sessions.map(({ start }) => start));
  });

  test('one that is frozen loses the lease within five seconds', async () => {
    const world = await reminderWorld();
    const frozen = await openExclusiveConnection(world.url, 'frozen', 10_000, new AbortController().signal);
    expect(await frozen.tryLock('reminders')).toBe(true);
    const noon = booking('12:00');
    await world.does(noon);
    world.remind([HOUR]);
    await world.settled();
    await expect.poll(() => frozen.lost.aborted, { timeout: 5_000 }).toBe(true);
    await world.settled();
    await passTo(world, at('11:00'));
    expect(await toldOf(world)).toEqual([[noon.sessionId, HOUR]]);
  });
});

test('a reminder that fails is tried again, while others are told', async () => {
  const world = await reminderWorld();
  const [noon, one] = [booking('12:00'), booking('12:30', { coachHashId: 'zoe' })];
  await world.does(noon);
  await world.does(one);
  const remind = createRemind({ commands: world.commands, now: () => world.time, newId: randomUUID });
  let failures = 0;
  const failing = world.remind([HOUR], {
    remind: (reminder) => {
      if (reminder.coachHashId === 'zoe' || failures > 2) return remind(reminder);
      failures += 1;
      return Promise.reject(new Error('the store is unavailable'));
    },
  });
  await world.settled();
  world.time = at('11:30');
  await expect.poll(() => toldOf(world)).toHaveLength(2);
  expect(failures).toBe(3);
  await world.settled();
  await failing.stop();
});

test('a reminder that failed until its process died is told by the next one', async () => {
  const world = await reminderWorld();
  const [noon, one] = [booking('12:00'), booking('12:30', { coachHashId: 'zoe' })];
  await world.does(noon);
  await world.does(one);
  const remind = createRemind({ commands: world.commands, now: () => world.time, newId: randomUUID });
  let failures = 0;
  const failing = world.remind([HOUR], {
    remind: (reminder) => {
      if (reminder.coachHashId === 'zoe') return remind(reminder);
      failures += 1;
      return Promise.reject(new Error('the store is unavailable'));
    },
  });
  await world.settled();
  world.time = at('11:30');
  await expect.poll(() => failures).toBeGreaterThan(5);
  await failing.stop();
  world.remind([HOUR]);
  await world.settled();
  expect(new Set((await world.told()).map(({ sessionId }) => sessionId))).toEqual(
    new Set([noon.sessionId, one.sessionId]),
  );
});

test('when the clock is set back, what was told is not told again, and the rest is told when it is due', async () => {
  const world = await reminderWorld();
  const [ten, noon, one] = [booking('10:00'), booking('12:00'), booking('13:00')];
  await world.does(noon);
  world.remind([HOUR]);
  await world.settled();
  await passTo(world, at('11:50'));
  await world.does(ten);
  await world.settled();
  await passTo(world, at('08:00'));
  await world.does(one);
  await passTo(world, at('09:00'));
  await passTo(world, at('12:00'));
  expect(await toldOf(world, { ten: ten.sessionId, noon: noon.sessionId, one: one.sessionId })).toEqual([
    ['noon', HOUR],
    ['ten', HOUR],
    ['one', HOUR],
  ]);
});
