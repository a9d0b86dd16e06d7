import { createRandom, type Random } from '../model/random.js';

/** The kinds of fault, and how often each is chosen, against a Postgres that has the log. */
export const WEIGHTS = {
  /** `kill -9` of a service. */
  'kill service': 3,
  /** SIGTERM, as a deployment does it. */
  'stop service': 1,
  /** SIGSTOP for less than the lease of the projection. */
  'freeze service': 3,
  /** SIGSTOP for longer than the lease. */
  'freeze service beyond its lease': 1,
  /** The network between a service and its databases passes nothing for a while, and then everything. */
  stall: 3,
  /** All connections between a service and its databases are cut. */
  reset: 4,
  /** The open connections pass nothing any more, for ever; new ones work. */
  'half-open': 3,
  /** Nothing passes for a while, over old connections and new ones; what was sent is gone. */
  blackhole: 2,
  /** The server carries the next append, or the next step of the projection, out; its answer is lost. */
  'lost answer': 5,
  /** The server ends all connections. */
  'end backends': 2,
  /** `kill -9` of the database. */
  'kill database': 2,
  /** The database has no space left. */
  'disk full': 1,
  /** The database takes no writes. */
  'read-only': 2,
  /** The clock of a service jumps, forwards or back. */
  'clock jump': 3,
} as const;

/** What goes wrong. */
export type FaultKind = keyof typeof WEIGHTS;

/** A fault that is going to happen. Times are milliseconds. */
export interface PlannedFault {
  readonly kind: FaultKind;
  /** The service that it hits, if it hits one: 0 or 1. */
  readonly service: number;
  /** How long after the fault before it, or after the beginning of the round. */
  readonly after: number;
  /** How long it lasts. */
  readonly lasts: number;
  /** A number that the kind may need, 0 to 999. */
  readonly detail: number;
}

/** Faults that may overlap. All is well again before the next round begins. */
export type Round = readonly PlannedFault[];

const LASTS: Partial<Readonly<Record<FaultKind, readonly [number, number]>>> = {
  'freeze service beyond its lease': [3_500, 5_500],
  'disk full': [500, 1_500],
  'lost answer': [300, 600],
  reset: [50, 100],
  'end backends': [50, 100],
};

/** The faults of a seed, in rounds of one to three: the same for the same seed, number and kinds. */
export function scheduleOf(seed: number, count: number, kinds: readonly FaultKind[]): Round[] {
  const random = createRandom(seed);
  const rounds: Round[] = [];
  for (let left = count; left > 0; ) {
    const size = Math.min(left, random.chance(0.4) ? 2 + random.below(2) : 1);
    rounds.push(Array.from({ length: size }, () => plan(random, kinds)));
    left -= size;
  }
  return rounds;
}

function plan(random: Random, kinds: readonly FaultKind[]): PlannedFault {
  const kind = choose(random, kinds);
  const [shortest, longest] = LASTS[kind] ?? [200, 1_200];
  return {
    kind,
    service: random.below(2),
    after: 50 + random.below(250),
    lasts: shortest + random.below(longest - shortest),
    detail: random.below(1_000),
  };
}

function choose(random: Random, kinds: readonly FaultKind[]): FaultKind {
  let left = random.below(kinds.reduce((sum, kind) => sum + WEIGHTS[kind], 0));
  for (const kind of kinds) {
    left -= WEIGHTS[kind];
    if (left < 0) return kind;
  }
  throw new Error('no kind of fault was given');
}
