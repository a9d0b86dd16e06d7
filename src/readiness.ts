import type { Lag } from './application/read-model.js';
import type { WatchedStore } from './event-store/append-watch.js';
import { pauseQuietly, waitAtMost, within } from './waiting.js';

/** Why the service is not ready now, a sentence for each reason; empty when it is ready. Never rejects. */
export type Readiness = () => Promise<readonly string[]>;

/** Milliseconds that the databases have to answer. */
const PATIENCE = 2_000;

/** Milliseconds that a caller waits for them: after that, the answer is what is known. */
const AT_ONCE = 100;

const noAnswer = () => new Error(`the databases do not answer within ${PATIENCE} ms`);

/**
 * Ready while the event store answers and takes events, and the read model has caught up since the start and keeps up.
 * Answers within 100 ms, if need be by what the last question to the databases found.
 * @param lag throws when the event store or the read model is unavailable
 * @param limit the lag, in milliseconds, beyond which the service is not ready
 */
export function createReadiness(
  { appendProblem, lastProblem }: Pick<WatchedStore, 'appendProblem' | 'lastProblem'>,
  lag: () => Promise<Lag>,
  limit: number,
): Readiness {
  let known: readonly string[] = ['the databases have not answered yet'];
  let asking: Promise<void> | undefined;

  async function problems(): Promise<readonly string[]> {
    const problem = await appendProblem();
    if (problem !== undefined) return [problem];
    const { behind, hasCaughtUp } = await lag();
    if (!hasCaughtUp) return ['the read model has not caught up with the events since the start'];
    return behind > limit ? [`the read model is ${Math.round(behind)} ms behind, more than ${limit}`] : [];
  }

  async function ask(): Promise<void> {
    try {
      known = await within(problems(), { limit: { ms: PATIENCE, error: noAnswer } });
    } catch (error) {
      known = [(error as Error).message];
    }
    asking = undefined;
  }

  return async () => {
    asking ??= ask();
    await waitAtMost(AT_ONCE, asking);
    const problem = lastProblem();
    return known.length === 0 && problem !== undefined ? [problem] : known;
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
