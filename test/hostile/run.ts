import { pause } from '../../src/waiting.js';
import { attackOf } from './attacks.js';
import { type Sent, wage } from './campaign.js';
import { describeFaults } from './describe-faults.js';
import { faultsOf } from './judge.js';
import { type Options, readOptions, USAGE } from './options.js';
import { populate } from './populate.js';
import { type AttackedService, startAttackedService } from './service.js';
import { startProber } from './start-prober.js';
import { heldOf, heldReport, heldTooLong, tooLong, waitsReport } from './waits.js';

/*
 * Attacks a service that it starts, while a well-behaved caller measures its waits, and tells what was wrong. Exit code
 * 0: nothing; 1: something; 2: the run could not be made.
 */

/** Bytes in use may grow by this share. */
const MEMORY_LIMIT = 0.2;

/** The share of the requests that come before memory is first looked at. */
const WARM_UP = 0.25;

/** Milliseconds for which the well-behaved caller is not measured: its connections are new. */
const BEGINNING = 1_000;

/** Milliseconds for which the well-behaved caller is alone. */
const CALM = 2_000;

const DIED = 'the service died; the last attacks that got no answer may be why';

const MB = 1e6;
const say = (line: string) => console.log(line);

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const { seed, requests, door, crowds } = options;
  const again = [
    '--seed',
    seed,
    '--requests',
    requests,
    ...(door ? ['--door', door] : []),
    ...(crowds ? ['--crowds'] : []),
  ];
  say(`seed ${seed}: npm run hostile -- ${again.join(' ')}`);
  const service = await startAttackedService();
  try {
    const failures = await attack(service, options);
    for (const failure of failures) say(`FAILED ${failure}`);
    say(failures.length === 0 ? 'all well' : `${failures.length} failures`);
    return failures.length === 0 ? 0 : 1;
  } finally {
    await service.stop();
  }
}

/** Attacks the service, reports figures, and answers what was wrong. */
async function attack(
  service: AttackedService,
  { requests, limit, first, callers, ...choice }: Options,
): Promise<string[]> {
  const world = await populate(service);
  const prober = startProber(service);
  await prober.during(() => pause(BEGINNING));
  const calm = await prober.during(() => pause(CALM));
  say(`the well-behaved caller, alone: ${waitsReport(calm.waits)}`);

  const wageFrom = (first: number, requests: number) =>
    prober.during(() =>
      wage({ attackOf: (nr) => attackOf(choice, nr, world), faultsOf, first, requests, callers }, service),
    );
  const warmUp = await wageFrom(first, requests * WARM_UP);
  if (!service.isAlive()) return [DIED, ...(await describeFaults(warmUp.result.faults))];
  const before = await service.bytesInUse();
  const rest = await wageFrom(warmUp.result.next, requests - warmUp.result.requests);
  prober.stop();
  const waits = [...warmUp.waits, ...rest.waits];
  say(sentReport(warmUp.result, rest.result));
  say(`the well-behaved caller, meanwhile: ${waitsReport(waits)}`);

  const faults = await describeFaults([...warmUp.result.faults, ...rest.result.faults]);
  if (!service.isAlive()) return [DIED, ...faults];
  const grown = await memoryFault(service, before);
  const warnings = await service.warnings();
  const held = heldOf(warnings);
  say(heldReport(held));
  const errors = warnings
    .filter(({ level }) => level >= 50)
    .map((line) => `the log has an error: ${JSON.stringify(line)}`);
  return [...faults, ...tooLong(waits, limit), ...heldTooLong(held, limit), ...errors, ...grown];
}

function sentReport(...parts: readonly Sent[]): string {
  const total = (of: 'attacks' | 'requests' | 'bytes' | 'seconds') => parts.reduce((sum, part) => sum + part[of], 0);
  const [sent, attacks] = [total('requests'), total('attacks')].map((count) => count.toLocaleString('en'));
  return `${sent} requests in ${attacks} attacks, ${Math.round(total('bytes') / MB)} MB, ${Math.round(total('seconds'))} s`;
}

/** What is wrong with the memory in use, if anything. Connections that were cut may take a moment to be forgotten. */
async function memoryFault(service: AttackedService, before: number): Promise<string[]> {
  const isTooMuch = (bytes: number) => bytes > before * (1 + MEMORY_LIMIT);
  let after = await service.bytesInUse();
  for (let tries = 0; tries < 5 && isTooMuch(after); tries += 1) after = await service.bytesInUse();
  const grown = `in use: ${(before / MB).toFixed(1)} MB after the warm-up, ${(after / MB).toFixed(1)} MB at the end`;
  say(grown);
  return isTooMuch(after) ? [grown] : [];
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error((error as Error).stack);
  console.error(USAGE);
  process.exitCode = 2;
}
