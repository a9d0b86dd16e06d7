import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const PAGE = readFileSync(new URL('docs/architecture.md', ROOT), 'utf8');
const [, walk = ''] = /^## The walk of one booking$(.*?)^## /ms.exec(PAGE) ?? [];
const files = new Set([...walk.matchAll(/`((?:src|projections)\/[^`]+\.ts)`/g)].map(([, file]) => file as string));

test('the walk of one booking can be followed in ten minutes: it passes at most 30 files', () => {
  expect(files.size).toBeGreaterThan(20);
  expect(files.size).toBeLessThanOrEqual(30);
});

test('the walk of one booking passes files that exist', () => {
  expect([...files].filter((file) => !existsSync(new URL(file, ROOT)))).toEqual([]);
});
