import type { Wait } from './prober.js';
import type { LogLine } from './service.js';

/** Milliseconds that a well-behaved caller may wait at most. */
const LONGEST_WAIT = 250;

/** The wait without the time in which the machine ran other processes: it may be busy with something else. */
const ownMs = ({ ms, starvedMs }: Wait) => Math.max(0, ms - starvedMs);

/** Percentiles of waits, as they were and without what the machine is to blame for. */
export function waitsReport(waits: readonly Wait[]): string {
  const figures = (of: (wait: Wait) => number) => {
    const sorted = waits.map(of).sort((one, other) => one - other);
    const at = (share: number) =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
  };
  return `${waits.length} calls, ${figures(({ ms }) => ms)}; without the machine's other work ${figures(ownMs)}`;
}

/** A sentence for each call of the well-behaved caller that took too long or failed. */
export function tooLong(waits: readonly Wait[]): string[] {
  return waits
    .filter((wait) => ownMs(wait) > LONGEST_WAIT || wait.code !== 'OK')
    .map((wait) => `the well-behaved caller: ${JSON.stringify({ ...wait, at: new Date(wait.at) })}`);
}

/** When something held the event loop. */
export interface Held {
  readonly ms: number;
  readonly calls: unknown;
}

/** The lines that tell of a held event loop. */
export function heldOf(lines: readonly LogLine[]): Held[] {
  return lines
    .filter(({ msg }) => msg === 'the event loop was held')
    .map(({ ms, calls }) => ({ ms: Number(ms), calls }));
}
