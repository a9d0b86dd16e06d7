import { dirname } from 'node:path';
import { type Explanation, reasonFor, type Tested } from './survivors.js';

/** What stands in place of a reason that is still to be written. */
export const NO_REASON = '**none yet**';

/** The percentage of mutants that tests noticed, rounded down to a tenth: a goal is not reached by rounding. */
export function scoreOf(tested: readonly Tested[]): number {
  const noticed = tested.filter(({ fate }) => fate === 'noticed').length;
  return tested.length === 0 ? 100 : Math.floor((1_000 * noticed) / tested.length) / 10;
}

/**
 * The report on a run, in Markdown: the score of each folder, and each survivor with its reason.
 * @param command the arguments of the run, such as `domain`
 * @param made what the run was, such as `all mutants`
 */
export function reportOn(
  command: string,
  made: string,
  tested: readonly Tested[],
  explanations: readonly Explanation[],
): string {
  const folders = [...new Set(tested.map(({ file }) => dirname(file)))].sort();
  const scores = folders.map((folder) => {
    const inFolder = tested.filter(({ file }) => dirname(file) === folder);
    return rowOf(`\`${folder}\``, inFolder);
  });
  const survivors = tested
    .filter(({ fate }) => fate !== 'noticed')
    .sort((one, other) => (one.file < other.file ? -1 : Number(one.file > other.file)) || one.line - other.line);
  return [
    `\`npm run test:mutation -- ${command}\`: ${made}.`,
    '',
    '| folder | mutants | noticed | score |',
    '| --- | ---: | ---: | ---: |',
    ...scores,
    rowOf('**all**', tested),
    '',
    ...(survivors.length === 0
      ? ['No mutant survives.']
      : [
          '| survivor | change | reason |',
          '| --- | --- | --- |',
          ...survivors.map((one) => survivorRow(one, explanations)),
        ]),
  ].join('\n');
}

/** The document with the part of a scope, between its two comments, exchanged for another. Throws when it has none. */
export function withPart(document: string, scope: string, part: string): string {
  const [begin, end] = [`<!-- ${scope}: written by npm run test:mutation -->`, `<!-- end of ${scope} -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document needs a line ${begin} and, further down, a line ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${part}\n\n${document.slice(to)}`;
}

function rowOf(name: string, tested: readonly Tested[]): string {
  const noticed = tested.filter(({ fate }) => fate === 'noticed').length;
  return `| ${name} | ${tested.length} | ${noticed} | ${scoreOf(tested).toFixed(1)} % |`;
}

function survivorRow(one: Tested, explanations: readonly Explanation[]): string {
  const { file, line, before, after, fate } = one;
  const reached = fate === 'not reached' ? '; no test runs it' : '';
  return `| ${file}:${line} | ${code(before)} → ${code(after)}${reached} | ${reasonFor(one, explanations) || NO_REASON} |`;
}

function code(text: string): string {
  const escaped = text.replaceAll('|', '\\|');
  return escaped.includes('`') ? `\`\` ${escaped} \`\`` : `\`${escaped}\``;
}
