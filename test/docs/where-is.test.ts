import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { declares } from './declares.js';

/** A rule, the file that decides it, and the name to look for in the file. */
interface Row {
  readonly rule: string;
  readonly file: string;
  readonly symbol: string;
}

const ROOT = new URL('../../', import.meta.url);
const PAGE = readFileSync(new URL('docs/where-is.md', ROOT), 'utf8');

/** The rows of all tables of a page, and the lines of tables that are not in the form of a row. */
function rowsOf(page: string): { readonly rows: Row[]; readonly malformed: string[] } {
  const lines = page.split('\n').filter((line) => line.startsWith('|'));
  const body = lines.filter((line) => line !== '| rule | file | symbol |' && line !== '| --- | --- | --- |');
  const rows: Row[] = [];
  const malformed: string[] = [];
  for (const line of body) {
    const [, rule, file, symbol] = /^\| (.+) \| `([^`]+)` \| `(\w+)` \|$/.exec(line) ?? [];
    if (rule && file && symbol) rows.push({ rule, file, symbol });
    else malformed.push(line);
  }
  return { rows, malformed };
}

/** What is wrong with a row, or undefined. */
function wrongIn({ file, symbol }: Row): string | undefined {
  const url = new URL(file, ROOT);
  if (!existsSync(url)) return `there is no file ${file}`;
  return declares(readFileSync(url, 'utf8'), symbol) ? undefined : `${file} declares no ${symbol}`;
}

const { rows, malformed } = rowsOf(PAGE);

describe('docs/where-is.md', () => {
  test('has nothing but rows of a rule, a file and a symbol', () => {
    expect(malformed).toEqual([]);
  });

  test('has at least the twenty-five rules that a stranger asks for first', () => {
    expect(rows.length).toBeGreaterThanOrEqual(25);
  });

  test('has each rule once', () => {
    const rules = rows.map(({ rule }) => rule);
    expect(rules.filter((rule, index) => rules.indexOf(rule) !== index)).toEqual([]);
  });

  test.each(rows)('is right about: $rule', (row) => {
    expect(wrongIn(row)).toBeUndefined();
  });
});

describe('a wrong row is found:', () => {
  const rule = 'No two sessions overlap';

  test('a file that was moved', () => {
    expect(wrongIn({ rule, file: 'src/slot.ts', symbol: 'overlap' })).toBe('there is no file src/slot.ts');
  });

  test('a name that the file only imports', () => {
    const row = { rule, file: 'src/domain/calendar.ts', symbol: 'LONGEST_SLOT' };
    expect(wrongIn(row)).toBe('src/domain/calendar.ts declares no LONGEST_SLOT');
  });

  test('the beginning of a name', () => {
    const row = { rule, file: 'src/domain/slot.ts', symbol: 'MAX' };
    expect(wrongIn(row)).toBe('src/domain/slot.ts declares no MAX');
  });

  test('a row without its backticks', () => {
    expect(rowsOf('| a rule | src/domain/slot.ts | overlap |').malformed).toHaveLength(1);
  });
});
