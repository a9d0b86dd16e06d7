/** Undoes the steps of a start, the last one first. */
export interface Shutdown {
  /** Adds the function that undoes the latest step. */
  add(undo: () => unknown): void;
  /**
   * Undoes every step once, one after the other, however often it is called. A step that fails does not keep the
   * others from being undone. Never rejects.
   */
  run(): Promise<void>;
}

/** @param onError called with the error of each step that fails */
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
