import { readFile } from 'node:fs/promises';

/**
 * What is left of a process: `'zombie'` is one that has ended, while its number stays taken until its parent takes
 * note.
 */
export type ProcessState = 'running' | 'zombie' | 'gone';

/** The state of the process with a number, whoever it belongs to. */
export async function processState(pid: number): Promise<ProcessState> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return 'gone';
  }
  // Containers often have a first process that never takes note of the orphans which it inherits. Only Linux has the
  // file.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The state follows the program's name, which stands in brackets and may itself hold anything.
  return stat.charAt(stat.lastIndexOf(')') + 2) === 'Z' ? 'zombie' : 'running';
}

/** Whether a process runs. */
export async function isRunning(pid: number): Promise<boolean> {
  return (await processState(pid)) === 'running';
}
