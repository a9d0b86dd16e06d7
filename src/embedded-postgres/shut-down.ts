import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from './process-state.js';

/** What to ask of a postmaster, and the milliseconds it has for it. */
const STEPS: [NodeJS.Signals, number][] = [
  // Ends the sessions and writes everything down. The service has 5 s in all for its shutdown.
  ['SIGINT', 3_000],
  // Ends at once. Nothing is lost, but the next start has to recover. Postgres itself kills what does not obey after 5
  // s.
  ['SIGQUIT', 6_000],
  ['SIGKILL', 1_000],
];

/**
 * Shuts a postmaster down and resolves when it is gone; after 10 s at the latest, whatever has become of it. Never
 * rejects.
 */
export async function shutDown(pid: number): Promise<void> {
  for (const [signal, limit] of STEPS) {
    send(pid, signal);
    const end = Date.now() + limit;
    while (Date.now() < end) {
      if (!(await isRunning(pid))) return;
      await sleep(10);
    }
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}
