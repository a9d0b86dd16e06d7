import { mkdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Correctable } from '../correctable.js';

/** The directory of the cluster in a data directory. */
export function clusterDirectory(dataDir: string): string {
  return join(resolve(dataDir), 'postgres');
}

/**
 * Makes the directory, and those above it, unless they are there. Throws what the system says. Node's own way to make
 * all of them never ends in some file systems, such as /proc.
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !(await isDirectory(dirname(path)))) {
      await makeDirectory(dirname(path));
      await mkdir(path);
    } else if (!(await isDirectory(path))) {
      throw error;
    }
  }
}

/**
 * Runs work on a data directory. Throws `Correctable` in place of what the system says about files: that the directory
 * is a file, is not writable, is on a full disk.
 * @param given the data directory as the settings name it
 */
export async function inDataDirectory<Result>(given: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const { code, path, message } = error as NodeJS.ErrnoException;
    if (!code || !path) throw error;
    const reason = message.replace(/^[A-Z0-9]+: /, '').replace(/, (\w+) '.*$/s, ` (${code}, $1 ${path})`);
    throw new Correctable(
      `DATA_DIR=${given} cannot hold the data of the embedded PostgreSQL: ${reason}. ` +
        'Set DATA_DIR to a directory that the service may write to, or name a Postgres in EVENT_STORE_URL.',
      { cause: error },
    );
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
