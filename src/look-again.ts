import { pauseQuietly } from './waiting.js';

/**
 * Looks at something again and again, until the function that it answers is called. A look that throws is tried again
 * like any other; what it throws is told once, until a look succeeds or throws something else, and only if two looks in
 * a row throw it: a file that is being written does not fit for a moment.
 * @param interval milliseconds between two looks, and before the first
 * @param tell takes the message of the error
 */
export function lookAgain(look: () => Promise<void>, interval: number, tell: (problem: string) => void): () => void {
  const stopped = new AbortController();

  async function problemNow(): Promise<string | undefined> {
    try {
      await look();
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  async function follow(): Promise<void> {
    let before: string | undefined;
    let told: string | undefined;
    for (;;) {
      await pauseQuietly(interval, stopped.signal);
      if (stopped.signal.aborted) return;
      const problem = await problemNow();
      if (stopped.signal.aborted) return;
      if (problem === undefined) told = undefined;
      else if (problem === before && problem !== told) {
        told = problem;
        tell(problem);
      }
      before = problem;
    }
  }

  void follow();
  return () => stopped.abort();
}
