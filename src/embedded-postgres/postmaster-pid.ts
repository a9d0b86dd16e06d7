import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What `postmaster.pid` says: the file by which a postmaster holds its data directory. */
export interface PidFile {
  /** The whole file. */
  readonly text: string;
  /** The process that wrote it; undefined when the file is cut off. */
  readonly pid: number | undefined;
  /** The port at which the postmaster listens; undefined until it does. */
  readonly port: number | undefined;
  /** Whether the postmaster accepts logins. */
  readonly ready: boolean;
}

/**
 * Reads the file in a data directory. Undefined when there is none: no postmaster runs, and the last one was shut down.
 */
export async function readPidFile(data: string): Promise<PidFile | undefined> {
  let text: string;
  try {
    text = await readFile(pathOf(data), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  // One value per line: pid, data directory, start time, port, socket directory, address, shared memory, state.
  const lines = text.split('\n').map((line) => line.trim());
  return {
    text,
    pid: Number(lines[0]) || undefined,
    port: lines[5] ? Number(lines[3]) : undefined,
    ready: lines[7] === 'ready',
  };
}

/** Removes the file, unless another process has replaced it since it was read. */
export async function removePidFile(data: string, { text }: PidFile): Promise<void> {
  const aside = join(data, `postmaster.pid.${randomUUID()}`);
  try {
    // Out of the way first, then compared: so a file that replaced it at this moment is put back and not lost.
    await rename(pathOf(data), aside);
    if ((await readFile(aside, 'utf8')) !== text) await link(aside, pathOf(data));
  } catch (error) {
    // Another process has removed it already, or a postmaster has written its own.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

function pathOf(data: string): string {
  return join(data, 'postmaster.pid');
}
