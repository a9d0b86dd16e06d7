/** A change of the code, told so that it is found again when lines move. */
interface Change {
  readonly file: string;
  /** The lines that it touches, before and after: on one line each, abridged when long. */
  readonly before: string;
  readonly after: string;
}

/** What Stryker says of a mutant. Its own type is not at hand where its packages are not installed. */
export interface MutantResult {
  readonly status: string;
  readonly replacement: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

/** Lines and columns count from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** A mutant that tests ran against. */
export interface Tested extends Change {
  /** From 1. */
  readonly line: number;
  /** Not reached: no test runs this code. */
  readonly fate: 'noticed' | 'survived' | 'not reached';
}

/** Why a mutant may survive, as survivors.json keeps it. The reason is empty until somebody writes it. */
export interface Explanation extends Change {
  readonly reason: string;
}

const LONGEST = 140;

const FATES: Readonly<Partial<Record<string, Tested['fate']>>> = {
  Killed: 'noticed',
  Timeout: 'noticed',
  // An error outside of all tests: the run fails.
  RuntimeError: 'noticed',
  Survived: 'survived',
  NoCoverage: 'not reached',
};

/** What became of a mutant; undefined when it was left out of the run. */
export function testedFrom(mutant: MutantResult, file: string, source: string): Tested | undefined {
  const fate = FATES[mutant.status];
  if (!fate) return undefined;
  const { start, end } = mutant.location;
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const head = (lines[0] as string).slice(0, start.column - 1);
  const tail = (lines.at(-1) as string).slice(end.column - 1);
  const after = onOneLine(head + mutant.replacement + tail);
  return { file, line: start.line, before: onOneLine(lines.join('\n')), after, fate };
}

/** The reason that is known for a change; empty when there is none. */
export function reasonFor(change: Change, explanations: readonly Explanation[]): string {
  return explanations.find((one) => keyOf(one) === keyOf(change))?.reason ?? '';
}

/**
 * The explanations after a run, in the order of the files: those of mutants that survived, with their reasons, and those
 * of which the run says nothing.
 * @param isOver whether what the run did not test of a file is in the code no longer: the run tested all mutants of the
 *   file, or the file is gone
 */
export function explanationsAfter(
  tested: readonly Tested[],
  explanations: readonly Explanation[],
  isOver: (file: string) => boolean,
): Explanation[] {
  const fates = new Map<string, boolean>();
  for (const one of tested) fates.set(keyOf(one), fates.get(keyOf(one)) || one.fate !== 'noticed');
  const kept = explanations.filter((one) => fates.get(keyOf(one)) ?? !isOver(one.file));
  const after = new Map(kept.map((one) => [keyOf(one), one]));
  for (const one of tested) {
    const { file, before, after: changed, fate } = one;
    if (fate === 'noticed' || after.has(keyOf(one))) continue;
    after.set(keyOf(one), { file, before, after: changed, reason: '' });
  }
  return [...after.values()].sort((one, other) => (one.file < other.file ? -1 : Number(one.file > other.file)));
}

function keyOf({ file, before, after }: Change): string {
  return JSON.stringify([file, before, after]);
}

function onOneLine(code: string): string {
  const text = code.trim().replaceAll(/\s+/g, ' ');
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 30)} … ${text.slice(-27)}`;
}
