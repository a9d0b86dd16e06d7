import { setTimeout as sleep } from 'node:timers/promises';

/** What keeps the service from its work now, a sentence for each part; empty when it is ready. */
export type Readiness = () => Promise<readonly string[]>;

/**
 * Ready while the event store answers and the read model keeps up.
 * @param lag for how many milliseconds the read model has been behind; throws when the event store or the read model is
 * away
 * @param limit the lag, in milliseconds, beyond which the service is not ready
 */
export function createReadiness(lag: () => Promise<number>, limit: number): Readiness {
  return async () => {
    try {
      const behind = await lag();
      return behind > limit ? [`the read model is ${Math.round(behind)} ms behind, more than ${limit}`] : [];
    } catch (error) {
      return [(error as Error).message];
    }
  };
}

const INTERVAL = 1_000;

/** Tells once a second whether the service is ready, until the signal aborts. Never rejects. */
export async function watchReadiness(
  readiness: Readiness,
  tell: (ready: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const problems = await readiness();
    if (!signal.aborted) tell(problems.length === 0);
    await sleep(INTERVAL, undefined, { signal }).catch(() => {});
  }
}
