import { pauseQuietly } from './waiting.js';

/** Why the service is not ready now, a sentence for each reason; empty when it is ready. */
export type Readiness = () => Promise<readonly string[]>;

/**
 * Ready while the event store answers and takes events, and the read model keeps up.
 * @param appendProblem why no event can be appended; see `WatchedStore`
 * @param lag the milliseconds for which the read model has been behind; throws when the event store or the read model
 * is unavailable
 * @param limit the lag, in milliseconds, beyond which the service is not ready
 */
export function createReadiness(
  appendProblem: () => Promise<string | undefined>,
  lag: () => Promise<number>,
  limit: number,
): Readiness {
  return async () => {
    const problem = await appendProblem();
    if (problem !== undefined) return [problem];
    try {
      const behind = await lag();
      return behind > limit ? [`the read model is ${Math.round(behind)} ms behind, more than ${limit}`] : [];
    } catch (error) {
      return [(error as Error).message];
    }
  };
}

/** Milliseconds between two checks. */
const INTERVAL = 1_000;

/** Reports once a second whether the service is ready, until the signal aborts. Never rejects. */
export async function watchReadiness(
  readiness: Readiness,
  tell: (ready: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const problems = await readiness();
    if (!signal.aborted) tell(problems.length === 0);
    await pauseQuietly(INTERVAL, signal);
  }
}
