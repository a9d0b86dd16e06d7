import type { ChaosResult } from './run-chaos.js';

/** The most violations that are printed. */
const MOST = 20;

/** A run in lines for people. */
export function reportOf(result: ChaosResult): string[] {
  const { faults, leftOut, outcomes, recoveries, left, events, verdict, violations } = result;
  return [
    `faults: ${counted(faults)}`,
    ...leftOut,
    `callers: ${counted(outcomes)}`,
    `well again after a round of faults: ${spread(recoveries.map(({ ms }) => ms))}`,
    ...timesByKind(result),
    ...slowest(result),
    `reservations that were left: ${left.count}, booked anew within ${left.ms} ms`,
    `events: ${events}`,
    ...verdict.split('\n').map((line) => `verify: ${line}`),
    violations.length === 0 ? 'no promise was broken' : `${violations.length} violations:`,
    ...violations.slice(0, MOST),
  ];
}

function counted(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  return sorted.map(([what, count]) => `${count} ${what}`).join(', ');
}

/** How long each kind took when it happened alone. */
function timesByKind({ recoveries }: ChaosResult): string[] {
  const byKind = new Map<string, number[]>();
  for (const { kinds, ms } of recoveries) {
    const [kind] = kinds;
    if (kinds.length === 1 && kind) byKind.set(kind, [...(byKind.get(kind) ?? []), ms]);
  }
  return [...byKind].map(([kind, times]) => `  ${kind}: ${spread(times)}`).sort();
}

/** The rounds that took longest, with all of their faults. */
function slowest({ recoveries }: ChaosResult): string[] {
  const sorted = [...recoveries].sort((one, other) => other.ms - one.ms).slice(0, 5);
  return sorted.map(({ ms, kinds, round }) => `  round ${round}: ${ms} ms after ${kinds.join(' and ')}`);
}

function spread(times: readonly number[]): string {
  const sorted = [...times].sort((one, other) => one - other);
  if (sorted.length === 0) return 'never';
  return `median ${sorted[Math.floor(sorted.length / 2)]} ms, longest ${sorted.at(-1)} ms, ${sorted.length} times`;
}
