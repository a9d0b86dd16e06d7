/**
 * Changes the code in small ways, one at a time, and looks whether a test fails:
 *
 *     npm run test:mutation -- domain
 *     npm run test:mutation -- application --sample 150 --seed 1
 *     npm run test:mutation -- domain src/domain/calendar.ts
 *
 * A run without files writes its part of docs/mutation.md, and exits with 1 when the score is below the goal of the
 * scope, or a survivor lacks the reason that the scope asks for. Survivors are added to survivors.json.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { NO_REASON, reportOn, scoreOf, withPart } from './report.js';
import { scopeNamed } from './scopes.js';
import { type Explanation, explanationsAfter, testedFrom } from './survivors.js';

const REPORT = 'docs/mutation.md';
const EXPLANATIONS = 'test/mutation/survivors.json';

const { values, positionals } = parseArgs({
  options: { sample: { type: 'string' }, seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const [name, ...files] = positionals;
const scope = scopeNamed(name);
const { sample, seed } = values;

// The processes that Stryker starts read these.
process.env['MUTATION_SCOPE'] = scope.name;
process.env['MUTATION_SEED'] = seed;
if (sample !== undefined) process.env['MUTATION_SAMPLE'] = sample;

const mutants = await new Stryker({
  mutate: files.length > 0 ? files : [...scope.sources],
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.mutation.config.ts', related: false },
  plugins: [
    fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner')),
    join(import.meta.dirname, 'sample.js'),
  ],
  checkers: sample === undefined ? [] : ['sample'],
  coverageAnalysis: 'perTest',
  concurrency: 1,
  // A pure function that loops blocks its test. Where tests wait, a test that hangs fails by vitest's limit before this.
  timeoutMS: scope.postgres ? 20_000 : 2_000,
  reporters: ['progress-append-only'],
  warnings: false,
  // Stryker would rewrite the tsconfig with the compiler's JavaScript API, which TypeScript 7 has not. Vitest needs none.
  tsconfigFile: 'none',
  // Out of the way of git, the linter and the compiler.
  tempDirName: 'coverage/mutation',
  ignorePatterns: ['dist', 'docs', 'bench', '.data'],
}).runMutationTest();

const sources = new Map<string, string>();
const tested = mutants.flatMap((mutant) => {
  const file = relative('.', mutant.fileName);
  const source = sources.get(file) ?? readFileSync(file, 'utf8');
  sources.set(file, source);
  return testedFrom(mutant, file, source) ?? [];
});

const explanations = explanationsAfter(
  tested,
  JSON.parse(readFileSync(EXPLANATIONS, 'utf8')) as Explanation[],
  (file) => !existsSync(file) || (sample === undefined && sources.has(file)),
);
writeFileSync(EXPLANATIONS, `${JSON.stringify(explanations, null, 2)}\n`);

const command = `${scope.name}${sample === undefined ? '' : ` --sample ${sample} --seed ${seed}`}`;
const chosen = sample === undefined ? 'all mutants' : `${tested.length} of ${mutants.length} mutants`;
const timeouts = mutants.filter(({ status }) => status === 'Timeout').length;
const report = reportOn(command, `${chosen}, of which ${timeouts} ran into the time limit`, tested, explanations);
console.log(report);
if (files.length === 0) {
  writeFileSync(REPORT, withPart(readFileSync(REPORT, 'utf8'), scope.name, report));
  const wrongs = [
    ...(scoreOf(tested) < scope.least ? [`the score is below ${scope.least} %`] : []),
    ...(scope.explained && report.includes(NO_REASON) ? [`${EXPLANATIONS} lacks reasons`] : []),
  ];
  for (const wrong of wrongs) console.error(wrong);
  if (wrongs.length > 0) process.exitCode = 1;
}
