import { parseArgs } from 'node:util';

/** How much to measure. */
export interface Options {
  /** Smaller numbers: to see that everything works, not how fast it is. */
  readonly quick: boolean;
  /** Scenarios to run; all when empty. */
  readonly only: readonly string[];
  /** Rounds for each subject, in turns with the others. */
  readonly rounds: number;
  /** Seconds that a round measures, and that it warms up before. */
  readonly seconds: number;
  readonly warmUp: number;
  /** A directory for processor profiles of every subject; none are made when undefined. */
  readonly profiles: string | undefined;
  /** Whether to print the statements that took Postgres the most time. */
  readonly statements: boolean;
}

/** How to call the benchmark. */
export const USAGE = `npm run bench -- [options]

  --quick              a few seconds for each scenario
  --only NAME          only this scenario; may be given more than once
  --rounds N           rounds for each subject (3, quick: 1)
  --seconds N          seconds that a round measures (8, quick: 2)
  --profiles DIR       write a processor profile of every subject there
  --statements         print the statements that took Postgres the most time`;

/** Reads the command line. Throws on what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      profiles: { type: 'string' },
      statements: { type: 'boolean', default: false },
    },
  });
  const { quick, only, profiles, statements } = values;
  return {
    quick,
    only,
    profiles,
    statements,
    rounds: Number(values.rounds ?? (quick ? 1 : 3)),
    seconds: Number(values.seconds ?? (quick ? 2 : 8)),
    warmUp: quick ? 1 : 3,
  };
}
