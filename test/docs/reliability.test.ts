import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const PAGE = readFileSync(new URL('docs/reliability.md', ROOT), 'utf8');
const rows = PAGE.split('\n').filter((line) => line.startsWith('| ') && !/^\| (fault|what they do|---)/.test(line));

test('the page on faults has rows', () => {
  expect(rows.length).toBeGreaterThan(20);
});

test.each(rows)('a row of the page on faults names tests that exist: %s', (row) => {
  const tests = [...row.matchAll(/`(test\/[^`]+)`/g)].map(([, file]) => file as string);
  expect(tests.length).toBeGreaterThan(0);
  expect(tests.filter((file) => !existsSync(new URL(file, ROOT)))).toEqual([]);
});
