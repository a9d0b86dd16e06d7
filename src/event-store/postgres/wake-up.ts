/** Tells those who wait that there may be something new. A hint only: who is woken looks for itself. */
export interface WakeUp {
  /** How often `call` was called. */
  readonly calls: number;
  call(): void;
  /**
   * Resolves when there have been calls since the count was `seen`, after `limit` milliseconds, or when the signal
   * aborts, whichever comes first.
   */
  wait(seen: number, limit: number, signal: AbortSignal): Promise<void>;
}

/** Nobody waits yet. */
export function createWakeUp(): WakeUp {
  const sleepers = new Set<() => void>();
  let calls = 0;
  return {
    get calls() {
      return calls;
    },
    call: () => {
      calls += 1;
      for (const wake of sleepers) wake();
    },
    wait: (seen, limit, signal) =>
      new Promise((resolve) => {
        if (calls !== seen || signal.aborted) return resolve();
        const wake = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          sleepers.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, limit);
        signal.addEventListener('abort', wake);
        sleepers.add(wake);
      }),
  };
}
