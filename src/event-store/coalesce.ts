/**
 * Shares runs among callers. Each call gets the result of a run that began after the call. At most one run is under
 * way, and at most one more waits for it to end.
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
