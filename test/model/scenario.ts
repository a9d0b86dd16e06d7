import fc from 'fast-check';

/** A step of a run: the kind says which of the numbers count. */
export interface Act {
  readonly kind: (typeof COMMANDS)[number] | 'resend' | 'give up' | 'crash' | 'let time pass';
  readonly process: number;
  readonly coach: number;
  readonly client: number;
  readonly day: number;
  /** Half hours of the day. */
  readonly at: number;
  /** Half hours. */
  readonly long: number;
  /** Which of what was made before, counted from the last. */
  readonly which: number;
  /** How many occurrences, or from which one on, or how many minutes. */
  readonly count: number;
  /** Who asks, counted from 1: all by the same request id. 0: without one. */
  readonly request: number;
  readonly flag: boolean;
  readonly validateOnly: boolean;
}

const COMMANDS = [
  'schedule',
  'reschedule',
  'cancel',
  'complete',
  'mark no-show',
  'correct outcome',
  'schedule series',
  'reschedule series',
  'cancel series',
  'hold',
  'confirm hold',
  'release hold',
  'set hours',
  'set policy',
  'take time off',
  'remind',
] as const;

/** A run: what is done by whom, and in which world. */
export interface Scenario {
  /** The seed of all other choices: the order of calls, and which of them fail. */
  readonly seed: number;
  readonly acts: readonly Act[];
  /** How far the clock of each process is off, in seconds. */
  readonly clocks: readonly number[];
  /** In milliseconds. */
  readonly patience: number;
  /** How long a step takes at most, in milliseconds. */
  readonly slowness: number;
  /** How many calls of the store go wrong, from 0 to 1. */
  readonly faultRate: number;
  /** The process whose appends all take long to arrive; a number that no process has means none. */
  readonly sluggish: number;
  /** How likely it is that the next act begins before something else happens; against 16. */
  readonly haste: number;
  /** How much memory a process has for coaches, and how much for clients, in bytes. */
  readonly cacheBytes: number;
  /** Whether coaches have snapshots, which any process may begin from. */
  readonly snapshots: boolean;
  /** Whether the index of requests knows of what was written just now. */
  readonly indexIsFresh: boolean;
}

/** How crowded the world of a run is: so many coaches, clients, and half hours of a day at which something begins. */
interface World {
  readonly coaches: number;
  readonly clients: number;
  readonly times: number;
}

/** What most of a run is about. */
const THEMES: readonly (readonly Act['kind'][])[] = [
  COMMANDS,
  ['schedule', 'reschedule', 'cancel', 'resend'],
  ['schedule', 'schedule series', 'reschedule series', 'cancel series', 'reschedule'],
  ['hold', 'hold', 'confirm hold', 'release hold', 'schedule', 'let time pass'],
  ['schedule'],
  ['schedule', 'reschedule', 'reschedule'],
  ['schedule', 'reschedule', 'remind', 'remind', 'cancel', 'resend'],
  ['hold'],
  ['set policy', 'set policy', 'set hours', 'take time off', 'schedule', 'schedule', 'hold', 'schedule series'],
];

const ALWAYS: readonly Act['kind'][] = ['schedule', 'resend', 'give up', 'crash', 'let time pass'];

const act = (theme: readonly Act['kind'][], { coaches, clients, times }: World): fc.Arbitrary<Act> =>
  fc.record({
    kind: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...theme) },
      { weight: 1, arbitrary: fc.constantFrom(...ALWAYS) },
    ),
    process: fc.nat(2),
    coach: fc.nat(coaches - 1),
    client: fc.nat(clients - 1),
    day: fc.nat(1),
    at: fc.nat(times - 1),
    long: fc.integer({ min: 1, max: 3 }),
    which: fc.nat(3),
    count: fc.integer({ min: 1, max: 3 }),
    request: fc.oneof(
      { weight: 2, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) },
    ),
    flag: fc.boolean(),
    validateOnly: fc.integer({ min: 0, max: 9 }).map((number) => number === 9),
  });

/** Any run of up to so many acts. */
export function scenarios(maxActs: number): fc.Arbitrary<Scenario> {
  const world = fc.record({
    coaches: fc.constantFrom(2, 3),
    clients: fc.constantFrom(1, 2),
    times: fc.constantFrom(1, 4, 8),
  });
  const acts = fc
    .tuple(fc.constantFrom(...THEMES), world)
    .chain(([theme, one]) => fc.array(act(theme, one), { minLength: 2, maxLength: maxActs, size: 'max' }));
  return fc.record({
    seed: fc.noShrink(fc.integer()),
    acts,
    clocks: fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: -300, max: 300 }))),
    patience: fc.constantFrom(0, 20, 200),
    slowness: fc.constantFrom(0, 10, 100),
    faultRate: fc.constantFrom(0, 0.03, 0.15),
    sluggish: fc.nat(5),
    haste: fc.constantFrom(2, 16, 200),
    cacheBytes: fc.constantFrom(1_000_000, 1),
    snapshots: fc.boolean(),
    indexIsFresh: fc.boolean(),
  });
}
