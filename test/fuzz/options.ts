import { parseArgs } from 'node:util';

/** How much to send. */
export interface Options {
  readonly seed: number;
  /** The number of the first input. */
  readonly first: number;
  readonly inputs: number;
  readonly callers: number;
}

/** How to call the program. */
export const USAGE = `npm run fuzz -- [options]

  --seed N         the inputs to send (by the clock)
  --inputs N       how many (5,000)
  --first N        begin with this input: with --inputs 1 it is sent alone
  --callers N      how many at once (16)`;

/** Reads the command line. Throws on what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      inputs: { type: 'string', default: '5000' },
      first: { type: 'string', default: '0' },
      callers: { type: 'string', default: '16' },
    },
  });
  return {
    seed: Number(values.seed ?? Date.now() % 1_000_000),
    first: Number(values.first),
    inputs: Number(values.inputs),
    callers: Number(values.callers),
  };
}
