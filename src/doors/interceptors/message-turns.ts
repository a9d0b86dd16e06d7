/** Has the messages of streams sent in turns. */
export interface MessageTurns {
  /** Calls `send` once: at once, or when the turn of the caller comes. What `send` begins is to be done in microtasks. */
  take(caller: string, send: () => void): void;
}

/** Milliseconds for which messages are sent before the event loop goes on. */
const AT_ONCE = 8;

/**
 * Turns for the streams of a process. Those with much to catch up with, and a crowd that watches the same change, would
 * hold the event loop as long as they have something to send. So messages are sent for 8 ms in each of its rounds: one of
 * each caller with messages that wait, again and again.
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

  function sendNext(): void {
    if (!hasTime()) return void setImmediate(sendNext);
    const [caller, sends] = waiting.entries().next().value!;
    const send = sends.shift()!;
    waiting.delete(caller);
    if (sends.length > 0) waiting.set(caller, sends);
    send();
  }

  return {
    take(caller, send) {
      if (waiting.size === 0 && hasTime()) return send();
      const sends = waiting.get(caller);
      if (sends) sends.push(send);
      else waiting.set(caller, [send]);
      setImmediate(sendNext);
    },
  };
}
