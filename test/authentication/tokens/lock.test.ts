import { randomUUID } from 'node:crypto';
import { readdir, readlink, symlink, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { alone, takeAway } from '../../../src/authentication/tokens/lock.js';
import { Correctable } from '../../../src/correctable.js';
import { createDeferred } from '../../../src/waiting.js';
import { ownDirectory } from '../../support/certificate-files.js';

/** No process has it: it is beyond the largest that Linux gives. */
const NOBODY = 2 ** 22 + 1;

async function newLock(): Promise<string> {
  return join(await ownDirectory(), 'file.lock');
}

/** Runs work many times at once, and answers the most that ran at a time. */
async function mostAtOnce(lock: string, times: number): Promise<number> {
  let running = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++running);
    await readdir(dirname(lock));
    running -= 1;
  };
  await Promise.all(Array.from({ length: times }, () => alone(lock, work)));
  return most;
}

test('one after the other, and the lock is gone afterwards', async () => {
  const lock = await newLock();
  expect(await mostAtOnce(lock, 20)).toBe(1);
  expect(await readdir(dirname(lock))).toEqual([]);
});

test('work that fails leaves no lock behind', async () => {
  const lock = await newLock();
  await expect(alone(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await alone(lock, async () => 'done')).toBe('done');
});

test('the lock of a process that has ended is taken away, by one of many alone', async () => {
  for (let round = 0; round < 20; round += 1) {
    const lock = await newLock();
    await symlink(`${NOBODY}@${hostname()}#${randomUUID()}`, lock);
    expect(await mostAtOnce(lock, 10)).toBe(1);
    expect(await readdir(dirname(lock))).toEqual([]);
  }
});

test('who comes too late to take a lock away leaves it to its new owner', async () => {
  const lock = await newLock();
  await symlink('1@new#owner', lock);
  await takeAway(lock, '1@old#owner-that-ended');
  expect(await readdir(dirname(lock))).toEqual(['file.lock']);
});

test('the lock of a process that lives is waited for, and then the sentence says who has it', async () => {
  const lock = await newLock();
  const release = createDeferred<void>();
  const holding = alone(lock, () => release.promise);
  await expect.poll(() => readlink(lock).catch(() => '')).not.toBe('');
  const waiting = alone(lock, async () => {}, 0);
  await expect(waiting).rejects.toThrow(Correctable);
  await expect(waiting).rejects.toThrow(
    `Another process (${process.pid}@${hostname()}) is changing the file: ${lock} `,
  );
  release.resolve();
  await holding;
});

test('whether a process of another machine lives is not known here: its lock stays', async () => {
  const lock = await newLock();
  await symlink(`${NOBODY}@elsewhere#${randomUUID()}`, lock);
  await expect(alone(lock, async () => {}, 0)).rejects.toThrow(`Another process (${NOBODY}@elsewhere)`);
});

test('a file in the place of the lock is left to people', async () => {
  const lock = await newLock();
  await writeFile(lock, '');
  await expect(alone(lock, async () => {}, 0)).rejects.toThrow('remove the lock');
  await unlink(lock);
  expect(await alone(lock, async () => 'done')).toBe('done');
});
