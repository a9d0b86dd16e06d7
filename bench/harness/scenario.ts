import { figure } from './figures.js';
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
  /** Whether it does only a part of the work, to show how fast that can be at best. */
  readonly isLimit?: boolean;
}

/** Something that a scenario is to reach. */
export interface Goal {
  /** What is to be reached: `service: ≥ 3× fastify-exclusion`. */
  readonly target: string;
  /** What was measured: `6,800 against 2,000 /s`. */
  readonly measured: string;
  /** The one number divided by the other: `3.40×`. Empty where there is only one. */
  readonly ratio: string;
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

/** A goal for how many times as much one does in a second as the other. */
export function atLeast(times: number, own: Row, other: Row): Goal {
  const ratio = own.perSecond / other.perSecond;
  return {
    target: `${own.subject}: ≥ ${times}× ${other.subject}`,
    measured: `${figure(own.perSecond)} against ${figure(other.perSecond)} /s`,
    ratio: `${ratio.toFixed(2)}×`,
    reached: ratio >= times,
  };
}

/**
 * A goal for a time that must not be much longer than another.
 * @param what whose times they are: `p99 of the service: ≤ 1× that of the peer`, with `≤ 1×` for `{}`
 */
export function atMost(times: number, what: string, ownMs: number, otherMs: number): Goal {
  const ratio = ownMs / otherMs;
  return {
    target: what.replace('{}', `≤ ${times}×`),
    measured: `${figure(ownMs)} against ${figure(otherMs)} ms`,
    ratio: `${ratio.toFixed(2)}×`,
    reached: ratio <= times,
  };
}

/** A goal that is either reached or not. */
export function holds(target: string, reached: boolean, measured = reached ? 'yes' : 'no'): Goal {
  return { target, measured, ratio: '', reached };
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
