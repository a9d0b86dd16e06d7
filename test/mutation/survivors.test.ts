import { describe, expect, test } from 'vitest';
import { reportOn, scoreOf, withPart } from './report.js';
import { explanationsAfter, type MutantResult, type Tested, testedFrom } from './survivors.js';

const SOURCE = `const limit = 5;
if (size >= limit) {
  stop();
}
`;

const mutant = (status: string): MutantResult => ({
  replacement: '{}',
  location: { start: { line: 2, column: 20 }, end: { line: 4, column: 2 } },
  status,
});

const survivor: Tested = { file: 'src/a.ts', line: 2, before: 'a >= b', after: 'a > b', fate: 'survived' };
const noticed: Tested = { ...survivor, fate: 'noticed' };
const explained = { file: 'src/a.ts', before: 'a >= b', after: 'a > b', reason: 'both are right' };
const always = () => true;
const never = () => false;

describe('a mutant', () => {
  test('is told by its lines before and after', () => {
    expect(testedFrom(mutant('Survived'), 'a.ts', SOURCE)).toEqual({
      file: 'a.ts',
      line: 2,
      before: 'if (size >= limit) { stop(); }',
      after: 'if (size >= limit) {}',
      fate: 'survived',
    });
  });

  test.each<[string, string | undefined]>([
    ['Killed', 'noticed'],
    ['Timeout', 'noticed'],
    ['RuntimeError', 'noticed'],
    ['NoCoverage', 'not reached'],
    ['CompileError', undefined],
    ['Ignored', undefined],
  ])('of status %s is %s', (status, fate) => {
    expect(testedFrom(mutant(status), 'a.ts', SOURCE)?.fate).toBe(fate);
  });
});

describe('the explanations after a run', () => {
  test('have a new survivor, without a reason', () => {
    expect(explanationsAfter([survivor, survivor], [], always)).toEqual([{ ...explained, reason: '' }]);
  });

  test('keep the reason of what survived again, on whatever line', () => {
    expect(explanationsAfter([{ ...survivor, line: 99 }], [explained], always)).toEqual([explained]);
  });

  test('lose what tests notice by now, unless the same change survives elsewhere in the file', () => {
    expect(explanationsAfter([noticed], [explained], never)).toEqual([]);
    expect(explanationsAfter([survivor, noticed], [explained], always)).toEqual([explained]);
    expect(explanationsAfter([noticed, survivor], [explained], always)).toEqual([explained]);
  });

  test('lose what the code has no more, but not what was left out of the run', () => {
    expect(explanationsAfter([], [explained], always)).toEqual([]);
    expect(explanationsAfter([], [explained], never)).toEqual([explained]);
  });
});

describe('the report', () => {
  test('does not reach a goal by rounding', () => {
    const all = [...Array.from({ length: 1_799 }, () => noticed), ...Array.from({ length: 201 }, () => survivor)];
    expect([scoreOf(all), scoreOf([]), scoreOf([noticed])]).toEqual([89.9, 100, 100]);
  });

  test('has each survivor with its reason, and says which has none', () => {
    const other = { ...survivor, line: 3, before: 'a || b', after: 'true', fate: 'not reached' } as const;
    const report = reportOn('domain', 'all mutants', [other, survivor, noticed], [explained]);
    expect(report).toContain('| `src` | 3 | 1 | 33.3 % |');
    expect(report).toContain('| src/a.ts:2 | `a >= b` → `a > b` | both are right |');
    expect(report).toContain('| src/a.ts:3 | `a \\|\\| b` → `true`; no test runs it | **none yet** |');
  });

  test('takes the place of the one before in the document, and leaves the rest', () => {
    const [begin, end] = ['<!-- a: written by npm run test:mutation -->', '<!-- end of a -->'];
    expect(withPart(`x\n${begin}\nold\n${end}\ny`, 'a', 'new')).toBe(`x\n${begin}\n\nnew\n\n${end}\ny`);
    expect(() => withPart('x', 'a', 'new')).toThrow('<!-- a: written by npm run test:mutation -->');
  });
});
