import { pauseQuietly, within } from './waiting.js';

/** Why the service is not ready now, a sentence for each reason; empty when it is ready. */
export type Readiness = () => Promise<readonly string[]>;

/** Milliseconds that the databases have to answer. */
const PATIENCE = 2_000;

const noAnswer = () => new Error(`the databases do not answer within ${PATIENCE} ms`);

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
  async function problems(): Promise<readonly string[]> {
    const problem = await appendProblem();
    if (problem !== undefined) return [problem];
    const behind = await lag();
    return behind > limit ? [`the read model is ${Math.round(behind)} ms behind, more than ${limit}`] : [];
  }

  return async () => {
    try {
      return await within(problems(), { limit: { ms: PATIENCE, error: noAnswer } });
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
