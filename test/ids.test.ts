import { validate, version } from 'uuid';
import { expect, test } from 'vitest';
import { createIds } from '../src/ids.js';

test('gives UUIDs of version 7', () => {
  const id = createIds()();
  expect(validate(id)).toBe(true);
  expect(version(id)).toBe(7);
});

test('gives no id twice, also when the random bytes are fetched anew', () => {
  const newId = createIds();
  expect(new Set(Array.from({ length: 10_000 }, newId)).size).toBe(10_000);
});

test('ids of later milliseconds come later', () => {
  const newId = createIds();
  const earlier = newId();
  const made = Date.now();
  while (Date.now() === made);
  expect(newId() > earlier).toBe(true);
});
