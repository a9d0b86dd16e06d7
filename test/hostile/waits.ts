import type { Wait } from './prober.js';
import type { LogLine } from './service.js';

/** Percentiles of waits, and of the parts of them for which the service is to blame. */
export function waitsReport(waits: readonly Wait[]): string {
  const figures = (of: (wait: Wait) => number) => {
    const sorted = waits.map(of).sort((one, other) => one - other);
    const at = (share: number) =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
  };
  const blamed = figures(({ blamedMs }) => blamedMs);
  return `${waits.length} calls, ${figures(({ ms }) => ms)}; without the machine's other work ${blamed}`;
}

/**
 * A sentence for each call of the well-behaved caller that failed, or that took too long by the fault of the service.
 * @param limit in milliseconds
 */
export function tooLong(waits: readonly Wait[], limit: number): string[] {
  return waits
    .filter(({ blamedMs, code }) => blamedMs > limit || code !== 'OK')
    .map((wait) => `the well-behaved caller: ${JSON.stringify({ ...wait, at: new Date(wait.at) })}`);
}

/** When something held the event loop. */
export interface Held {
  readonly ms: number;
  /** The processor time that the process used meanwhile, with its threads: little when the machine did something else. */
  readonly processorMs: number;
  readonly calls: unknown;
}

/** The lines that tell of a held event loop. */
export function heldOf(lines: readonly LogLine[]): Held[] {
  return lines
    .filter(({ msg }) => msg === 'the event loop was held')
    .map(({ ms, processorMs, calls }) => ({ ms: Number(ms), processorMs: Number(processorMs), calls }));
}

/** For how long the service held its loop, and not the machine. */
const ownMs = ({ ms, processorMs }: Held) => Math.min(ms, processorMs);

/** The longest times first: how long, with how much processor time, and which calls began or ended then. */
export function heldReport(held: readonly Held[]): string {
  const longest = held.toSorted((one, other) => ownMs(other) - ownMs(one)).slice(0, 5);
  const lines = longest.map(
    ({ ms, processorMs, calls }) => `  ${ms} ms, ${processorMs} of the processor: ${JSON.stringify(calls)}`,
  );
  return [`the event loop was held for more than 50 ms ${held.length} times`, ...lines].join('\n');
}

/** A sentence for each time that the loop was held for longer than anybody may wait. */
export function heldTooLong(held: readonly Held[], limit: number): string[] {
  return held.filter((one) => ownMs(one) > limit).map((one) => `the event loop was held: ${JSON.stringify(one)}`);
}
