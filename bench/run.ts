import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HTTP_GENERATOR } from './harness/load.js';
import { describeMachine } from './harness/machine.js';
import { readOptions, USAGE } from './harness/options.js';
import { startPostgres } from './harness/postgres.js';
import type { Goal, Outcome } from './harness/scenario.js';
import { DATA, ROOT } from './harness/subject.js';
import { chartOf } from './report/chart.js';
import { type Results, reportOf } from './report/report.js';
import { SCENARIOS } from './scenarios.js';

const RESULTS = join(ROOT, 'bench/results');

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const chosen = SCENARIOS.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  if (chosen.length === 0)
    throw new Error(`There are these scenarios: ${SCENARIOS.map(({ name }) => name).join(', ')}`);

  const machine = describeMachine();
  const directory = await mkdtemp(join(tmpdir(), 'bench-'));
  const settings = options.statements ? ['shared_preload_libraries=pg_stat_statements'] : [];
  const postgres = await startPostgres(DATA, settings);
  const tell = (line: string) => console.error(line);
  const leftOut = new Set<string>();
  const started = new Date();
  const results: Results['scenarios'][number][] = [];
  try {
    for (const { name, title, run } of chosen) {
      tell(`${name}: ${title}`);
      const outcome = await run({ options, postgres, directory, tell, leftOut }).catch(failed);
      results.push({ name, title, ...outcome });
    }
  } finally {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }

  const report: Results = {
    started: started.toISOString(),
    minutes: Math.round((Date.now() - started.getTime()) / 6_000) / 10,
    quick: options.quick,
    rounds: options.rounds,
    machine: { ...machine, cores: availableParallelism() },
    postgres: postgres.version,
    httpGenerator: HTTP_GENERATOR,
    leftOut: [...leftOut],
    scenarios: results,
  };
  await mkdir(RESULTS, { recursive: true });
  const name = options.quick || options.only.length > 0 ? 'partial' : 'latest';
  await writeFile(join(RESULTS, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(RESULTS, `${name}.md`), reportOf(report));
  await writeFile(join(RESULTS, `${name}.svg`), chartOf(report));
  console.log(reportOf(report));
  if (results.some(({ failure, goals }) => failure || goals.some(isMissed))) process.exitCode = 1;
}

function isMissed({ isRequired, reached }: Goal): boolean {
  return isRequired === true && !reached;
}

function failed(error: unknown): Outcome & { failure: string } {
  const failure = (error as Error).stack ?? String(error);
  console.error(`  FAILED ${failure}`);
  return { unit: '', rows: [], goals: [], failure };
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  console.error(USAGE);
  process.exitCode = 2;
}
