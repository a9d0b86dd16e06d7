import { Code, ConnectError } from '@connectrpc/connect';
import type { Interceptor } from '../../handlers/call.js';

/**
 * Nobody waits for ever: answers DEADLINE_EXCEEDED when the caller's deadline passes, or the service's own limit where
 * that is sooner, and CANCELLED when the caller hangs up. What the handler waits for is told through the signal; a
 * booking whose append is under way may still be made.
 * @param limitMs the service's own limit for a call, in milliseconds
 */
export function deadline(limitMs: number): Interceptor {
  return (next) => (request, call) => {
    const remaining = Math.min(limitMs, (call.deadline ?? Number.POSITIVE_INFINITY) - Date.now());

    return new Promise((resolve, reject) => {
      const controller = new AbortController();
      const giveUp = (error: ConnectError) => {
        controller.abort(error);
        reject(error);
      };
      const timeUp = () => giveUp(new ConnectError('the deadline passed before the answer', Code.DeadlineExceeded));
      const hungUp = () => giveUp(new ConnectError('the caller hung up', Code.Canceled));
      if (remaining <= 0) return timeUp();
      if (call.signal.aborted) return hungUp();

      const timer = setTimeout(timeUp, remaining);
      call.signal.addEventListener('abort', hungUp);
      next(request, { ...call, signal: controller.signal })
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(timer);
          call.signal.removeEventListener('abort', hungUp);
        });
    });
  };
}
