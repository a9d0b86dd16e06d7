import { Code, ConnectError } from '@connectrpc/connect';
import type { Interceptor } from '../../handlers/call.js';

/**
 * Nobody waits for ever: a call is aborted when the caller's deadline passes, or the service's own limit where that is
 * sooner, with DEADLINE_EXCEEDED. A call that is aborted, by this or by its door, is answered at once with the reason; a
 * booking whose append is under way may still be made.
 * @param limitMs the service's own limit for a call, in milliseconds
 */
export function deadline(limitMs: number): Interceptor {
  return (next) => (request, call) => {
    const { signal } = call;
    const remaining = Math.min(limitMs, (call.deadline ?? Number.POSITIVE_INFINITY) - Date.now());
    const timeUp = () => call.abort(new ConnectError('the deadline passed before the answer', Code.DeadlineExceeded));

    return new Promise((resolve, reject) => {
      if (remaining <= 0) timeUp();
      const giveUp = () => reject(signal.reason);
      if (signal.aborted) return giveUp();

      const timer = setTimeout(timeUp, remaining);
      signal.addEventListener('abort', giveUp);
      next(request, call)
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
        });
    });
  };
}
