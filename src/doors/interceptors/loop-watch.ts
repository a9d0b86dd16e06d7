import type { Logger } from 'pino';

/** Notices when something holds the event loop, so that every other caller waits. */
export interface LoopWatch {
  /** A call of the method begins or ends now. */
  note(method: string): void;
  stop(): void;
}

/** The longest that work may hold the event loop, in milliseconds. */
const LIMIT = 50;

/** Milliseconds between two looks at the clock. */
const INTERVAL = 20;

/**
 * Warns when the event loop was held for longer than 50 ms: for how long, and which calls began or ended then, one of
 * which did it. A loop that stood still since the machine was busy with something else is not reported: the process used
 * no processor time.
 */
export function watchLoop(log: Logger): LoopWatch {
  const calls = new Map<string, number>();
  let due = performance.now() + INTERVAL;
  let used = process.cpuUsage();

  function look(): void {
    const now = performance.now();
    const late = now - due;
    if (late > LIMIT) {
      const { user, system } = process.cpuUsage(used);
      if (user + system > LIMIT * 1_000) {
        log.warn(
          { ms: Math.round(late), processorMs: Math.round((user + system) / 1_000), calls: Object.fromEntries(calls) },
          'the event loop was held',
        );
      }
    }
    calls.clear();
    used = process.cpuUsage();
    due = performance.now() + INTERVAL;
  }

  const timer = setInterval(look, INTERVAL).unref();
  return {
    note: (method) => void calls.set(method, (calls.get(method) ?? 0) + 1),
    stop: () => clearInterval(timer),
  };
}
