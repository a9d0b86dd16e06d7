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

/** Milliseconds for which messages are sent before the event loop goes on. */
const AT_ONCE = 16;

/** The most messages of a stream in one turn: to wait takes as long as to send a message that others get, too. */
const IN_TURN = 16;

/**
 * Turns for the streams of a process. Those with much to catch up with, and a crowd that watches the same change, would
 * hold the event loop as long as they have something to send. So messages are sent for 16 ms in each of its rounds: some
 * of a stream of each caller with messages that wait, again and again.
 */
export function createMessageTurns(now: () => number = () => performance.now()): MessageTurns {
  /** By caller, those whose turn comes first at the beginning. */
  const waiting = new Map<string, (() => void)[]>();
  /** When the first message of this round was sent; undefined: none was yet. */
  let began: number | undefined;

  function hasTime(): boolean {
    if (began !== undefined) return now() < began + AT_ONCE;
    began = now();
    // Comes before those who wait for the next round.
    setImmediate(() => {
      began = undefined;
    });
    return true;
  }

  function nextTurn(): void {
    if (!hasTime()) return void setImmediate(nextTurn);
    const [caller, turns] = waiting.entries().next().value!;
    const turn = turns.shift()!;
    waiting.delete(caller);
    if (turns.length > 0) waiting.set(caller, turns);
    turn();
  }

  function wait(caller: string, turn: () => void): void {
    const turns = waiting.get(caller);
    if (turns) turns.push(turn);
    else waiting.set(caller, [turn]);
    setImmediate(nextTurn);
  }

  return {
    of(caller) {
      let left = 0;
      return {
        take(send) {
          if ((left > 0 || waiting.size === 0) && hasTime()) {
            left -= 1;
            return send();
          }
          wait(caller, () => {
            left = IN_TURN - 1;
            send();
          });
        },
      };
    },
  };
}
