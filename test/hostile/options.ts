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
  readonly callers: number;
  /** The most milliseconds that a well-behaved caller may wait by the fault of the service. */
  readonly limit: number;
  /** How long the well-behaved caller is measured alone, in seconds. */
  readonly calmSeconds: number;
}

/** How to call the program. */
export const USAGE = `npm run hostile -- [options]

  --seed N         the attacks to make (by the clock)
  --requests N     how many requests to send (20,000)
  --door DOOR      only through this door: ${DOORS.join(', ')}
  --first N        begin with this attack: with --requests 1 it is made alone
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
    callers: Number(values.callers),
    limit: Number(values.limit),
    calmSeconds: 2,
  };
}
