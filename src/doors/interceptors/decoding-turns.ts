import { createFairShares, type Work } from '../../fair-shares.js';
import { SMALL_REQUEST } from '../limits.js';

/**
 * Bytes of large requests that are decoded before the event loop goes on, and the rest of the last of them. The worst
 * ones, of thousands of tiny or unknown fields, take 80 ns for a byte.
 */
const AT_ONCE = 128 * 1024;

/** How many requests wait. The memory that large ones may take is a closer bound. */
const MAX_WAITING = 10_000;

/**
 * Has a request decoded: a small one at once, of large ones some each time that the event loop comes round, of each
 * caller in turn. Many may have come with one packet, and would hold the loop together.
 *
 * Requests of a caller are decoded in the order in which they came. On a connection that takes answers in order, one that
 * overtakes another could take the room that the other needs, and keep it until its answer can go.
 *
 * Answers false when too many wait already: then the request is never decoded.
 * @param call whose request it is, which nobody wants any more when the call is over
 * @param bytes of the encoded request
 * @param decode must not throw
 */
export type DecodeInTurn = (call: Pick<Work, 'caller' | 'isOver'>, bytes: number, decode: () => void) => boolean;

export function createDecodingTurns(): DecodeInTurn {
  const shares = createFairShares(AT_ONCE, MAX_WAITING);

  return (call, bytes, decode) => {
    if (bytes <= SMALL_REQUEST && !shares.isWaiting(call.caller)) {
      decode();
      return true;
    }
    const work: Work = {
      caller: call.caller,
      cost: Math.max(bytes, 1),
      get isOver() {
        return call.isOver;
      },
      begin() {
        decode();
        setImmediate(() => shares.leave(work));
      },
      drop() {},
    };
    return shares.enter(work);
  };
}
