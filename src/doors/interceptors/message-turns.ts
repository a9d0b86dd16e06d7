import { createRoundTurns } from './round-turns.js';

/** Has the messages of streams sent in turns. */
export interface MessageTurns {
  /** The turns of a stream of a caller. */
  of(caller: string): StreamTurns;
}

/** The turns of one stream. */
export interface StreamTurns {
  /** Calls `send` once: at once, or when the stream's turn comes. What `send` begins is to be done in microtasks. */
  take(send: () => void): void;
}

/** The most messages of a stream in one turn: to wait takes as long as to send a message that others get, too. */
const IN_TURN = 16;

/**
 * Turns for the streams of a process (`RoundTurns`). Those with much to catch up with, and a crowd that watches the same
 * change, would hold the event loop as long as they have something to send. In its turn, a stream sends some messages.
 */
export function createMessageTurns(turns = createRoundTurns()): MessageTurns {
  return {
    of(caller) {
      let left = 0;
      return {
        take(send) {
          if (turns.isFree(left > 0)) {
            left -= 1;
            return send();
          }
          turns.wait(caller, () => {
            left = IN_TURN - 1;
            send();
          });
        },
      };
    },
  };
}
