import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createIdSet } from '../../src/verify/id-set.js';

test('knows each of many ids once it was added', () => {
  const ids = Array.from({ length: 10_000 }, () => randomUUID());
  const set = createIdSet();
  expect(ids.filter((id) => !set.add(id))).toEqual([]);
  expect(ids.filter((id) => set.add(id))).toEqual([]);
  expect(set.size).toBe(10_000);
});

test.each(['00000000-0000-0000-0000-000000000000', 'no UUID', ''])('knows the id "%s", too', (id) => {
  const set = createIdSet();
  expect([set.add(id), set.add(id), set.size]).toEqual([true, false, 1]);
});
