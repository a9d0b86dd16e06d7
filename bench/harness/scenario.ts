import type { Measured } from './measure.js';
import type { Options } from './options.js';
import type { Postgres } from './postgres.js';

/** What a scenario works with. */
export interface Bench {
  readonly options: Options;
  readonly postgres: Postgres;
  /** A directory for files of this run, removed at its end. */
  readonly directory: string;
  /** Tells people how far it is. */
  readonly tell: (line: string) => void;
}

/** A row of the table that a scenario prints: what one subject did. */
export interface Row {
  readonly subject: string;
  /** In what is counted, a second. */
  readonly perSecond: number;
  /** Milliseconds; absent where single requests are not timed. */
  readonly p50?: number;
  readonly p99?: number;
  /** Milliseconds of processor time for each thing counted, by who used it. */
  readonly cpuMs?: Readonly<Record<'subject' | 'postgres' | 'generator', number>>;
  /** Of the subject, in MB. */
  readonly peakMb?: number;
  /** Anything that the reader should know. */
  readonly note?: string;
}

/** Something that a scenario is to reach. */
export interface Goal {
  /** What is to be reached: `≥ 3× fastify-exclusion`. */
  readonly target: string;
  /** What was measured: `3.4×`. */
  readonly measured: string;
  readonly reached: boolean;
}

/** What a scenario found. */
export interface Outcome {
  /** What `perSecond` counts: `bookings`. */
  readonly unit: string;
  readonly rows: readonly Row[];
  readonly goals: readonly Goal[];
}

/** One row of the table of what is to be reached. */
export interface Scenario {
  /** Its name on the command line. */
  readonly name: string;
  /** What it does, as a heading. */
  readonly title: string;
  /** Measures. Throws when something is wrong with the answers, not when they are slow. */
  run(bench: Bench): Promise<Outcome>;
}

/** A goal for how often one number fits into another. */
export function atLeast(times: number, of: string, own: number, other: number): Goal {
  const ratio = own / other;
  return { target: `≥ ${times}× ${of}`, measured: `${ratio.toFixed(2)}×`, reached: ratio >= times };
}

/** A goal for a number that must not be much larger than another. */
export function atMost(times: number, of: string, own: number, other: number): Goal {
  const ratio = own / other;
  return { target: `≤ ${times}× ${of}`, measured: `${ratio.toFixed(2)}×`, reached: ratio <= times };
}

/** A goal that is either reached or not. */
export function holds(target: string, reached: boolean, measured = reached ? 'yes' : 'no'): Goal {
  return { target, measured, reached };
}

/** The row of what was measured in several rounds: the medians. */
export function rowOf(subject: string, rounds: readonly Measured[], note?: string): Row {
  const middle = (value: (measured: Measured) => number) => median(rounds.map(value));
  return {
    subject,
    perSecond: middle(({ load }) => load.requests / load.seconds),
    p50: middle(({ load }) => load.p50),
    p99: middle(({ load }) => load.p99),
    cpuMs: {
      subject: middle(({ cpuSeconds, load }) => (1000 * cpuSeconds.subject) / load.requests),
      postgres: middle(({ cpuSeconds, load }) => (1000 * cpuSeconds.postgres) / load.requests),
      generator: middle(({ load }) => (1000 * load.cpuSeconds) / load.requests),
    },
    peakMb: middle(({ peakBytes }) => peakBytes / 1e6),
    ...(note && { note }),
  };
}

/** The middle one of numbers, or between the two in the middle. NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
