/**
 * `npm run chaos -- --seed N --faults N [--store postgres|kurrentdb]`: two services, faults of all kinds, and an audit
 * afterwards. Exit code 1 when a promise was broken. The seed decides what happens and when; how far the services are
 * then, the machine decides.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { reportOf } from './report.js';
import { runChaos } from './run-chaos.js';
import type { StoreName } from './world.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    faults: { type: 'string', default: '12' },
    store: { type: 'string', default: 'postgres' },
  },
});
const [seed, faults] = [Number(values.seed), Number(values.faults)];
if (!Number.isInteger(seed) || !Number.isInteger(faults) || !['postgres', 'kurrentdb'].includes(values.store)) {
  console.error('Usage: npm run chaos -- [--seed N] [--faults N] [--store postgres|kurrentdb]');
  process.exit(2);
}

console.log(`seed ${seed}, ${faults} faults, ${values.store}`);
const result = await runChaos({ seed, faults, store: values.store as StoreName, onProgress: console.log });
for (const line of reportOf(result)) console.log(line);
process.exit(result.violations.length === 0 ? 0 : 1);
