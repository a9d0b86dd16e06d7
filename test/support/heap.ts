import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Frees what nothing refers to any more. What a `WeakRef` gave in this turn of the event loop stays. */
export const collectGarbage: () => void = runInNewContext('gc');

/** Bytes of the heap that are in use, garbage not counted. */
export function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
