import { randomUUID } from 'node:crypto';
import { readlink, symlink, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { Correctable } from '../../correctable.js';
import { jittered, pause } from '../../waiting.js';

/** Milliseconds: work under the lock takes a few. */
const PATIENCE = 10_000;
const BETWEEN_TRIES = 10;

/**
 * Runs work that one process at a time may do. A process that dies in the midst of it leaves the lock behind; the next
 * one on the same machine takes it away. Throws `Correctable` when another has the lock for longer than the patience.
 *
 * The lock is a symbolic link that leads nowhere and says who has it. Making one fails when it is there, as `O_EXCL`
 * does for files; unlike a file it is never without its content.
 * @param path the lock
 * @param patience milliseconds
 */
export async function alone<Result>(path: string, work: () => Promise<Result>, patience = PATIENCE): Promise<Result> {
  const self = `${process.pid}@${hostname()}#${randomUUID()}`;
  const end = performance.now() + patience;
  while (!(await take(path, self))) {
    const owner = await ownerOf(path);
    if (owner === undefined || (isDead(owner) && (await takeAway(path, owner)))) continue;
    if (performance.now() >= end) {
      throw new Correctable(
        `Another process (${owner.split('#')[0]}) is changing the file: ${path} is there. Try again; if that process ` +
          'has ended, remove the lock.',
      );
    }
    await pause(jittered(BETWEEN_TRIES));
  }
  try {
    return await work();
  } finally {
    await unlink(path);
  }
}

async function take(path: string, self: string): Promise<boolean> {
  try {
    await symlink(self, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function ownerOf(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    // A file that somebody put there.
    if (code === 'EINVAL') return 'unknown';
    throw error;
  }
}

/** Whether the process that has the lock is known to have ended: that of another machine, or container, is not. */
function isDead(owner: string): boolean {
  const [, pid, host] = /^(\d+)@(.*)#/.exec(owner) ?? [];
  if (pid === undefined || host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/**
 * Takes away the lock of an owner that has ended, and answers whether it did, or found another owner. Of several that
 * try, one alone may: another that came later would take away the lock of whoever has it by then.
 */
export async function takeAway(path: string, owner: string): Promise<boolean> {
  const right = `${path}.${owner.split('#')[1]}`;
  if (!(await take(right, owner))) return false;
  try {
    if ((await ownerOf(path)) === owner) await unlink(path);
    return true;
  } finally {
    await unlink(right);
  }
}
