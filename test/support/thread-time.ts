import { readFileSync } from 'node:fs';

/** How long a thread has run, and has waited for a processor, so far, in milliseconds. */
export interface ThreadTime {
  readonly ran: number;
  readonly waited: number;
}

/**
 * What the system says of a thread; undefined: it does not say. See Documentation/scheduler/sched-stats.rst of Linux.
 * @param thread below /proc; default: the one that asks
 */
export function threadTime(thread = 'thread-self'): ThreadTime | undefined {
  try {
    const [ran, waited] = readFileSync(`/proc/${thread}/schedstat`, 'utf8').split(' ').map(Number);
    return { ran: ran! / 1e6, waited: waited! / 1e6 };
  } catch {
    return undefined;
  }
}
