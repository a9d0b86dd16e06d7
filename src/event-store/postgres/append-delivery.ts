import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isConnectionError } from '../../postgres/pool.js';
import type { AppendResult } from '../event-store.js';
import type { EncodedAppend } from './append-call.js';
import type { PendingAppend } from './pending-append.js';

/** Milliseconds between repetitions: the first pause, doubled up to the longest. */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 500;

/** Appends all in one transaction; may be repeated with the same appends. */
export type AppendCall = (appends: readonly EncodedAppend[]) => Promise<readonly AppendResult[]>;

/**
 * Settles every append of the batch. After a lost connection the call is repeated, for as long as a caller waits: an
 * append that had been written then gets its answer. When the call fails for another reason, the appends at fault get
 * the error, and the others are appended.
 */
export async function deliver(batch: readonly PendingAppend[], call: AppendCall, log: Logger): Promise<void> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    const open = batch.filter((pending) => pending.open);
    if (open.length === 0) return;
    try {
      const results = await call(open.map(({ append }) => append));
      for (const [i, pending] of open.entries()) pending.resolve(results[i]!);
      return;
    } catch (err) {
      if (!isConnectionError(err)) return isolate(open, err, call, log);
      if (pause === FIRST_PAUSE) log.warn({ err, appends: open.length }, 'Postgres did not answer, appending again');
      await sleep(pause);
    }
  }
}

/** Halves go in calls of their own, until the appends at fault are alone. */
async function isolate(batch: readonly PendingAppend[], error: unknown, call: AppendCall, log: Logger): Promise<void> {
  if (batch.length === 1) return batch[0]!.reject(error);
  const middle = batch.length >> 1;
  await deliver(batch.slice(0, middle), call, log);
  await deliver(batch.slice(middle), call, log);
}
