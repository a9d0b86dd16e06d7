import { createBell } from '../../waiting.js';
import type { Clock } from './clock.js';
import { pauseAfter } from './retries.js';

/** Milliseconds between two attempts to reach a receiver that takes nothing, at most. */
const LONGEST_REST = 300_000;

/** Bounds how many requests a receiver gets at once: few when it takes them, one now and then when it takes none. */
export interface Gate {
  /** Waits for its turn, in order of arrival. False: there will be none. After true, call `leave` once. */
  enter(): Promise<boolean>;
  leave(): void;
  /** The receiver took something. Returns whether it had taken nothing for a while before. */
  succeeded(): boolean;
  /** The receiver took something not. */
  failed(): void;
  /** Lets nobody in for so many milliseconds: the receiver asks for it. */
  rest(ms: number): void;
  /** From now on nobody enters. */
  close(): void;
  /** Resolves when nobody is inside any more. To be called after `close`. */
  empty(): Promise<void>;
}

/**
 * @param most how many may be inside at once. As many failures in a row, and the receiver is taken for down: then one
 *   enters at a time, with pauses that double up to five minutes, until something is taken
 */
export function createGate(most: number, clock: Clock, signal: AbortSignal): Gate {
  let waiting: ((mayEnter: boolean) => void)[] = [];
  let inside = 0;
  let failures = 0;
  let rests = 0;
  let downUntil = 0;
  let restUntil = 0;
  let isClosed = signal.aborted;
  let isSleeping = false;
  const left = createBell();
  signal.addEventListener('abort', close, { once: true });

  const isDown = () => failures >= most;

  function letIn(): void {
    while (waiting.length > 0 && inside < (isDown() ? 1 : most)) {
      const pause = Math.max(restUntil, isDown() ? downUntil : 0) - clock.now();
      if (pause > 0) return void sleep(pause);
      inside += 1;
      waiting.shift()!(true);
    }
  }

  async function sleep(ms: number): Promise<void> {
    if (isSleeping) return;
    isSleeping = true;
    await clock.wait(ms, signal);
    isSleeping = false;
    if (!isClosed) letIn();
  }

  function close(): void {
    isClosed = true;
    const all = waiting;
    waiting = [];
    for (const enter of all) enter(false);
  }

  return {
    enter: () =>
      new Promise((resolve) => {
        if (isClosed) return resolve(false);
        waiting.push(resolve);
        letIn();
      }),
    leave() {
      inside -= 1;
      left.ring();
      if (!isClosed) letIn();
    },
    succeeded() {
      const wasDown = isDown();
      failures = 0;
      rests = 0;
      downUntil = 0;
      if (wasDown && !isClosed) letIn();
      return wasDown;
    },
    failed() {
      failures += 1;
      // What was under way when the receiver was taken for down says nothing new.
      if (!isDown() || clock.now() < downUntil) return;
      rests += 1;
      downUntil = clock.now() + Math.min(pauseAfter(rests), LONGEST_REST);
    },
    rest(ms) {
      restUntil = Math.max(restUntil, clock.now() + ms);
    },
    close,
    async empty() {
      while (inside > 0) await left.wait();
    },
  };
}
