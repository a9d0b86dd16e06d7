import { usedUp } from './used-up.js';

/**
 * Opens a stream for a caller. Answers the function that closes it, to be called once. Throws RATE_LIMITED when the
 * caller has as many open as it may have.
 */
export type OpenStream = (caller: string) => () => void;

/** Milliseconds after which one of the caller's streams may have ended. */
const TRY_AGAIN = 1_000;

/** @param max how many streams a caller may have open at this process */
export function createStreamLimit(max: number): OpenStream {
  const open = new Map<string, number>();
  const policy = { name: 'streams', points: max, rule: `at most ${max} open streams for a caller` };

  return (caller) => {
    const count = (open.get(caller) ?? 0) + 1;
    if (count > max) throw usedUp(policy, TRY_AGAIN);
    open.set(caller, count);
    return () => {
      const rest = (open.get(caller) ?? 0) - 1;
      if (rest > 0) open.set(caller, rest);
      else open.delete(caller);
    };
  };
}
