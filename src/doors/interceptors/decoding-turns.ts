import { createRoundTurns } from './round-turns.js';

/** A call whose request is to be decoded. */
interface Decoded {
  readonly caller: string;
  /** Whether nobody wants it any more. */
  readonly isOver: boolean;
}

/**
 * Has a request decoded, and done with what follows at once: at once, or when the caller's turn comes. Many requests may
 * have come with one packet, large ones, or some that are refused as soon as they are read: they would hold the event loop
 * together.
 *
 * Requests of a caller are decoded in the order in which they came. On a connection that takes answers in order, one that
 * overtakes another could take the room that the other needs, and keep it until its answer can go.
 *
 * Answers false when too many wait already: then the request is never decoded.
 * @param call whose request it is, which is not decoded once the call is over
 * @param decode must not throw
 */
export type DecodeInTurn = (call: Decoded, decode: () => void) => boolean;

/** Turns for the requests of a process (`RoundTurns`). */
export function createDecodingTurns(turns = createRoundTurns()): DecodeInTurn {
  return (call, decode) => {
    if (turns.isFree()) {
      decode();
      return true;
    }
    if (!turns.hasRoom(call.caller)) return false;
    turns.wait(call.caller, () => {
      if (!call.isOver) decode();
    });
    return true;
  };
}
