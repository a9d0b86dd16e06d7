import { parseArgs } from 'node:util';
import { DOORS, type Door } from './attack.js';

/** What to attack, and how much. */
export interface Options {
  readonly seed: number;
  /** The number of the first attack. */
  readonly first: number;
  readonly requests: number;
  /** Any door when undefined. */
  readonly door: Door | undefined;
  /** The share of attacks that are crowds, 0 to 1. */
  readonly crowds: number;
  readonly callers: number;
  /** The most milliseconds that a well-behaved caller may wait by the fault of the service. */
  readonly limit: number;
}

/** A crowd has some hundred times as many requests as another attack. */
const CROWDS = 0.02;

/** How to call the program. */
export const USAGE = `npm run hostile -- [options]

  --seed N         the attacks to make (by the clock)
  --requests N     how many requests to send (20,000)
  --door DOOR      only through this door: ${DOORS.join(', ')}
  --first N        begin with this attack: with --requests 1 it is made alone
  --crowds         also ask for much at once, on few connections and on many
  --callers N      hostile callers at once (16)
  --limit MS       how long a well-behaved caller may wait by the fault of the service (250)`;

/** Reads the command line. Throws on what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      requests: { type: 'string', default: '20000' },
      door: { type: 'string' },
      first: { type: 'string', default: '0' },
      crowds: { type: 'boolean', default: false },
      callers: { type: 'string', default: '16' },
      limit: { type: 'string', default: '250' },
    },
  });
  const door = DOORS.find((one) => one === values.door);
  if (values.door && !door) throw new Error(`there is no door ${values.door}`);
  return {
    seed: Number(values.seed ?? Date.now() % 1_000_000),
    first: Number(values.first),
    requests: Number(values.requests),
    door,
    crowds: values.crowds ? CROWDS : 0,
    callers: Number(values.callers),
    limit: Number(values.limit),
  };
}
