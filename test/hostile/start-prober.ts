import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ProberData, Wait } from './prober.js';
import type { AttackedService } from './service.js';

/** The well-behaved caller, at work. */
export interface Prober {
  /** Lets something happen, and answers what the caller noted meanwhile. */
  during<Result>(work: () => Promise<Result>): Promise<{ readonly result: Result; readonly waits: readonly Wait[] }>;
  stop(): void;
}

/** Starts the well-behaved caller in a thread of its own, where hostile callers do not delay it. */
export function startProber({ pid, httpUrl, grpcAddress }: AttackedService): Prober {
  const workerData: ProberData = { httpUrl, grpcAddress, servicePid: pid };
  const worker = new Worker(new URL('./prober.js', import.meta.url), { workerData });

  async function notes(): Promise<readonly Wait[]> {
    worker.postMessage('tell');
    const [waits] = await once(worker, 'message');
    return waits;
  }

  return {
    async during(work) {
      await notes();
      const result = await work();
      return { result, waits: await notes() };
    },
    stop: () => void worker.terminate(),
  };
}
