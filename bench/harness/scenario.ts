import { figure } from './figures.js';
import type { Measured } from './measure.js';
import type { Options } from './options.js';
import type { Postgres } from './postgres.js';
import type { Subject } from './subject.js';

/** What a scenario works with. */
export interface Bench {
  readonly options: Options;
  readonly postgres: Postgres;
  /** A directory for files of this run, removed at its end. */
  readonly directory: string;
  /** Prints a line of progress. */
  readonly tell: (line: string) => void;
  /** What this machine cannot run, and why. */
  readonly leftOut: Set<string>;
}

/** A row of the table that a scenario prints: what one subject did. */
export interface Row {
  readonly subject: string;
  /** The rate: things counted, for each second. */
  readonly perSecond: number;
  /** Milliseconds; absent where single requests are not timed. */
  readonly p50?: number;
  readonly p99?: number;
  /** Milliseconds of processor time for each thing counted, by the process that used it. */
  readonly cpuMs?: Readonly<Record<'subject' | 'postgres' | 'generator', number>>;
  /** Of the subject, in MB. */
  readonly peakMb?: number;
  /** What the reader should know besides. */
  readonly note?: string;
  /** Whether the subject does a part of the work only, to show how fast that part can be. */
  readonly isLimit?: boolean;
  /** The peer of which this is a variant: its fastest one is what the service is compared with. */
  readonly variantOf?: string;
}

/** A goal of a scenario. */
export interface Goal {
  /** The goal: `service: ≥ 3× fastify-exclusion`. */
  readonly target: string;
  /** What was measured: `6,800 against 2,000 /s`. */
  readonly measured: string;
  /** The first number divided by the second: `3.40×`. Empty when there is only one. */
  readonly ratio: string;
  readonly reached: boolean;
  /** Whether the whole run fails when it is not reached. */
  readonly isRequired?: boolean;
}

/** What a scenario found. */
export interface Outcome {
  /** What `perSecond` counts: `bookings`. */
  readonly unit: string;
  readonly rows: readonly Row[];
  readonly goals: readonly Goal[];
  /** What was checked in every round: the scenario fails when it does not hold. */
  readonly checked?: string;
}

/** A measurement with goals. */
export interface Scenario {
  /** Its name on the command line. */
  readonly name: string;
  /** What it does, as a heading. */
  readonly title: string;
  /** Measures. Throws when something is wrong with the answers, not when they are slow. */
  run(bench: Bench): Promise<Outcome>;
}

/** A goal for the rate of one subject as a multiple of another's. */
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
 * A goal for a time that must be shorter than another, or not much longer.
 * @param what whose times they are: `p99 of the service: ≤ 1× that of the peer`, with `{}` in place of `≤ 1×`
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

/** The fastest of some rows. Throws when there are none. */
export function fastest(rows: readonly Row[]): Row {
  return rows.reduce((best, row) => (row.perSecond > best.perSecond ? row : best));
}

/** The row with the least processor time for each thing counted. Throws when there are none. */
export function cheapest(rows: readonly Row[]): Row {
  return rows.reduce((best, row) => (processorMs(row) < processorMs(best) ? row : best));
}

/** Milliseconds of processor time for each thing counted, of the subject and Postgres together. */
export function processorMs({ cpuMs }: Row): number {
  return cpuMs ? cpuMs.subject + cpuMs.postgres : Number.NaN;
}

/** The row of what was measured of a subject in several rounds: the medians. */
export function rowOf(
  subject: string | Pick<Subject, 'name' | 'variantOf'>,
  rounds: readonly Measured[],
  note?: string,
): Row {
  const middle = (value: (measured: Measured) => number) => median(rounds.map(value));
  const { name, variantOf = undefined } = typeof subject === 'string' ? { name: subject } : subject;
  return {
    subject: name,
    ...(variantOf && { variantOf }),
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

/** The median of numbers; NaN when there are none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
