/** Undoes what was started, in reverse order. */
export interface Shutdown {
  /** Adds what undoes the last thing started. */
  add(undo: () => unknown): void;
  /**
   * Undoes everything once; each step waits for the one before it, and a step that fails does not keep the others from
   * running.
   */
  run(): Promise<void>;
}

/** @param onError told of a step that failed */
export function createShutdown(onError: (error: unknown) => void): Shutdown {
  const steps: (() => unknown)[] = [];
  let running: Promise<void> | undefined;

  async function undoAll(): Promise<void> {
    for (let undo = steps.pop(); undo; undo = steps.pop()) {
      try {
        await undo();
      } catch (error) {
        onError(error);
      }
    }
  }

  return {
    add: (undo) => steps.push(undo),
    run: () => {
      running ??= undoAll();
      return running;
    },
  };
}
