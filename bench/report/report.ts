import { figure } from '../harness/figures.js';
import type { Machine } from '../harness/machine.js';
import { fastest, type Goal, type Outcome, type Row } from '../harness/scenario.js';

/** Everything that a run found: what `latest.json` has. */
export interface Results {
  readonly started: string;
  readonly minutes: number;
  readonly quick: boolean;
  readonly rounds: number;
  readonly machine: Machine;
  readonly postgres: string;
  readonly httpGenerator: string;
  /** What the machine could not run, and why. */
  readonly leftOut: readonly string[];
  readonly scenarios: readonly ScenarioResults[];
}

/** What one scenario found, or how it failed. */
export interface ScenarioResults extends Outcome {
  readonly name: string;
  readonly title: string;
  readonly failure?: string;
}

/** The results for people, as Markdown. */
export function reportOf(results: Results): string {
  const { machine, scenarios } = results;
  return [
    `Measured ${results.started.slice(0, 10)} at ${machine.commit} in ${results.minutes} minutes, medians of ${results.rounds} ` +
      `round${results.rounds === 1 ? '' : 's'}${results.quick ? ' (quick: not to be quoted)' : ''}.`,
    `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}, ` +
      `${results.postgres.split(' on ')[0]}, HTTP load by ${results.httpGenerator}; load before the run: ${machine.loadBefore}.`,
    ...(results.leftOut.length > 0 ? [`Left out: ${results.leftOut.join('; ')}.`] : []),
    table(
      ['scenario', 'goal', 'measured', 'ratio', ''],
      scenarios.flatMap(({ name, goals, failure }) =>
        failure
          ? [[name, '', `failed: ${failure.split('\n')[0]}`, '', '✗']]
          : goals.map((goal, nr) => [nr === 0 ? name : '', ...goalCells(goal)]),
      ),
    ),
    ...scenarios.filter(({ rows }) => rows.length > 0).map(detailsOf),
    '',
  ].join('\n\n');
}

function goalCells({ target, measured, ratio, reached }: Goal): string[] {
  return [target, measured, ratio, reached ? '✓' : '✗'];
}

function detailsOf({ title, unit, rows, checked }: ScenarioResults): string {
  const header = ['', `${unit}/s`, 'p50 ms', 'p99 ms', 'CPU ms: subject', 'Postgres', 'generator', 'peak MB', ''];
  const compared = new Set(comparedRows(rows));
  return [
    `### ${title}`,
    table(
      header,
      rows.map((row) => cells(row, row.variantOf !== undefined && compared.has(row))),
    ),
    ...(checked ? [`Checked in every round: ${checked}.`] : []),
  ].join('\n\n');
}

/** The rows without the variants of a peer that are slower than its fastest one. */
export function comparedRows(rows: readonly Row[]): Row[] {
  return rows.filter(
    (row) =>
      row.variantOf === undefined || row === fastest(rows.filter(({ variantOf }) => variantOf === row.variantOf)),
  );
}

function cells({ subject, perSecond, p50, p99, cpuMs, peakMb, note, isLimit }: Row, isFastest: boolean): string[] {
  const name = isFastest ? `**${subject}**` : subject;
  return [
    isLimit ? `*${subject}*` : name,
    number(perSecond),
    number(p50),
    number(p99),
    number(cpuMs?.subject),
    number(cpuMs?.postgres),
    number(cpuMs?.generator),
    number(peakMb),
    note ?? '',
  ];
}

function number(value: number | undefined): string {
  return value === undefined ? '' : figure(value);
}

/** A table in Markdown. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cellsOfLine: readonly string[]) => `| ${cellsOfLine.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
