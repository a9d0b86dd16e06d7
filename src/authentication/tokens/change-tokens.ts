import type { FileHandle } from 'node:fs/promises';
import { open, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Correctable } from '../../correctable.js';
import { alone } from './lock.js';
import { findTokens, named } from './read-tokens.js';
import { formatTokens, type StoredToken } from './tokens-file.js';

/** Milliseconds for which the file keeps a token that has expired, for those who ask what became of it. */
const KEPT = 30 * 86_400_000;

/**
 * Changes the tokens file, or makes it, with mode 0600. Changes by several processes at once come one after the other.
 * Whoever reads the file meanwhile, or after a crash in the midst, has the old one or the new one, whole. Drops tokens
 * that expired 30 days ago or earlier. Throws `Correctable` for a file that cannot be read or written, or is malformed.
 * @param change answers the tokens that the file is to have; what it throws leaves the file as it is
 * @param now epoch milliseconds
 */
export async function changeTokens(
  path: string,
  change: (tokens: readonly StoredToken[]) => readonly StoredToken[],
  now: number,
): Promise<void> {
  try {
    const target = await targetOf(path);
    await alone(`${target}.lock`, async () => {
      const found = await findTokens(path);
      const tokens = change(found?.tokens ?? []).filter(({ expires_at }) => Date.parse(expires_at) > now - KEPT);
      await replace(target, formatTokens(tokens), found?.stats);
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof Correctable || code === undefined) throw error;
    throw new Correctable(
      `${named(path)} cannot be written (${code}). Name a file in a directory that is there and that this ` +
        'user may write to.',
    );
  }
}

/** Where a path leads: to replace a symbolic link would leave the file behind it as it is. */
async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return path;
    throw error;
  }
}

/** The owner, the group and the permissions of a file. */
interface Access {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** Puts new content in the place of a file, at once, and resolves when it is durable. */
async function replace(path: string, content: string, access: Access | undefined): Promise<void> {
  const draft = `${path}.new`;
  // Only the owner of the lock writes here: what is there is of a process that was killed.
  await rm(draft, { force: true });
  await written(draft, 'wx', async (file) => {
    const { uid, gid } = await file.stat();
    if (access && (access.uid !== uid || access.gid !== gid)) await file.chown(access.uid, access.gid);
    // The mode of a new file lacks what the umask takes.
    await file.chmod(access ? access.mode & 0o777 : 0o600);
    await file.writeFile(content);
  });
  await rename(draft, path);
  await written(dirname(path), 'r', async () => {});
}

/** Opens a file or a directory, and closes it when the work has reached the disk. */
async function written(path: string, flags: string, work: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await work(file);
    await file.sync();
  } finally {
    await file.close();
  }
}
