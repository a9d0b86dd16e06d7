import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fault, wage } from './campaign.js';
import { readOptions, USAGE } from './options.js';
import { populate } from './populate.js';
import { startAttackedService } from './service.js';
import { startProber } from './start-prober.js';
import { heldOf, heldReport, heldTooLong, tooLong, waitsReport } from './waits.js';

/** Bytes in use may grow by this share. */
const MEMORY_LIMIT = 0.2;

/** The share of the requests that come before memory is first looked at. */
const WARM_UP = 0.25;

/** Faults to print in full; further ones are counted. */
const MOST_PRINTED = 20;

const MB = 1e6;
const say = (line: string) => console.log(line);

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const { seed, requests, door, calmSeconds } = options;
  say(
    `seed ${seed}: npm run hostile -- --seed ${seed} --requests ${requests}${door ? ` --door ${door}` : ''}${options.crowds ? ' --crowds' : ''}`,
  );
  const service = await startAttackedService();
  const failures: string[] = [];
  try {
    const world = await populate(service);
    const prober = startProber(service);
    await prober.during(() => new Promise((resolve) => setTimeout(resolve, 1_000)));
    const calm = await prober.during(() => new Promise((resolve) => setTimeout(resolve, calmSeconds * 1_000)));
    say(`waits of the well-behaved caller, nobody else: ${waitsReport(calm.waits)}`);

    const { callers, crowds } = options;
    const campaign = { seed, door, callers, crowds };
    const warmUp = await prober.during(() =>
      wage({ ...campaign, first: options.first, requests: requests * WARM_UP }, world, service),
    );
    const before = await service.bytesInUse();
    const rest = await prober.during(() =>
      wage({ ...campaign, first: warmUp.result.next, requests: requests * (1 - WARM_UP) }, world, service),
    );
    prober.stop();

    const waits = [...warmUp.waits, ...rest.waits];
    const faults = [...warmUp.result.faults, ...rest.result.faults];
    const total = (of: 'attacks' | 'requests' | 'bytes' | 'seconds') => warmUp.result[of] + rest.result[of];
    say(
      `${total('requests').toLocaleString('en')} requests in ${total('attacks').toLocaleString('en')} attacks, ${Math.round(total('bytes') / MB)} MB, ${Math.round(total('seconds'))} s`,
    );
    say(`waits of the well-behaved caller, meanwhile: ${waitsReport(waits)}`);
    failures.push(...(await describe(faults)), ...tooLong(waits, options.limit));

    if (!service.isAlive()) return report([...failures, 'the service died']);
    let after = await service.bytesInUse();
    for (let tries = 0; tries < 5 && after > before * (1 + MEMORY_LIMIT); tries += 1)
      after = await service.bytesInUse();
    say(`in use: ${(before / MB).toFixed(1)} MB after the warm-up, ${(after / MB).toFixed(1)} MB at the end`);
    if (after > before * (1 + MEMORY_LIMIT)) failures.push('memory grew by more than 20%');

    const warnings = await service.warnings();
    const held = heldOf(warnings);
    say(heldReport(held));
    failures.push(...heldTooLong(held, options.limit));
    failures.push(
      ...warnings.filter(({ level }) => level >= 50).map((line) => `the log has an error: ${JSON.stringify(line)}`),
    );
    return report(failures);
  } finally {
    await service.stop();
  }
}

function report(failures: readonly string[]): number {
  for (const failure of failures) say(`FAILED ${failure}`);
  say(failures.length === 0 ? 'all well' : `${failures.length} failures`);
  return failures.length === 0 ? 0 : 1;
}

async function describe(faults: readonly Fault[]): Promise<string[]> {
  const kinds = new Map<string, Fault[]>();
  for (const one of faults) {
    const kind = `${one.attack.layer}, ${one.attack.door}, ${one.attack.what}: ${one.fault}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), one]);
  }
  const directory = faults.length > 0 ? await mkdtemp(join(tmpdir(), 'hostile-faults-')) : '';
  const described = await Promise.all(
    [...kinds].slice(0, MOST_PRINTED).map(async ([kind, same]) => {
      const { nr, writes } = same[0]!.attack;
      const file = join(directory, `${nr}.bytes`);
      await writeFile(file, Buffer.concat(writes));
      return `attack ${nr} (--first ${nr} --requests 1), ${kind}; ${same.length} times; bytes in ${file}: ${JSON.stringify(Buffer.concat(writes).toString('latin1').slice(0, 400))}`;
    }),
  );
  return [...described, ...[...kinds.keys()].slice(MOST_PRINTED).map((kind) => `further: ${kind}`)];
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error((error as Error).stack);
  console.error(USAGE);
  process.exitCode = 2;
}
