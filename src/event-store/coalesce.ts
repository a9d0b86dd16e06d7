/**
 * Shares runs among callers: each gets the result of a run that began after its call, and at most one run is under way
 * while one more waits.
 */
export function coalesce<T>(run: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  let next: Promise<T> | undefined;

  function start(): Promise<T> {
    next = undefined;
    const started = run().finally(() => {
      if (underWay === started) underWay = undefined;
    });
    underWay = started;
    return started;
  }

  return () => {
    if (!underWay) return start();
    next ??= underWay.then(start, start);
    return next;
  };
}
