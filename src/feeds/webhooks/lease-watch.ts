import { createBell } from '../../waiting.js';

/** Knows whether this process still holds the lease, as far as one can. */
export interface LeaseWatch {
  /** The database answered a statement of the lease's connection that began at this time, by `performance.now()`. */
  confirm(began: number): void;
  /** Resolves once the lease is sure. Rejects with the reason of the signal, and when the lease is lost. */
  holds(signal: AbortSignal): Promise<void>;
}

/** Milliseconds for which an answer is good. After 3 s without a statement another process may take the lease. */
const GOOD_FOR = 2_500;

/**
 * A process that was frozen does not know it. When it goes on, it would send what it had begun, after others have sent
 * what comes later. So it sends nothing before the database has answered it again.
 * @param lost aborts when the lease is lost
 */
export function createLeaseWatch(lost: AbortSignal): LeaseWatch {
  const confirmed = createBell();
  let goodUntil = Number.NEGATIVE_INFINITY;
  lost.addEventListener('abort', confirmed.ring, { once: true });
  return {
    confirm(began) {
      goodUntil = began + GOOD_FOR;
      confirmed.ring();
    },
    async holds(signal) {
      for (;;) {
        signal.throwIfAborted();
        lost.throwIfAborted();
        if (performance.now() < goodUntil) return;
        await confirmed.wait(undefined, signal);
      }
    },
  };
}
