import { expect, test } from 'vitest';
import type { Credential } from '../../../src/authentication/credential.js';
import { createMemory } from '../../../src/authentication/jwt/token-memory.js';
import { UNVERIFIED } from '../../../src/handlers/access/principal.js';

const credential: Credential = { principal: UNVERIFIED, expiresAt: 0, isRevoked: false };
const aToken = (nr: number) => `header.payload.${String(nr).padStart(86, '0')}`;

test('forgets the tokens that were not used for longest', () => {
  const memory = createMemory(3 * 700);
  for (const nr of [1, 2, 3]) memory.add(aToken(nr), credential);
  memory.get(aToken(1));
  memory.add(aToken(4), credential);
  expect([1, 2, 3, 4].filter((nr) => memory.get(aToken(nr)))).toEqual([1, 3, 4]);
});

test('knows a token by all of it', () => {
  const memory = createMemory();
  memory.add(aToken(1), credential);
  expect(memory.get(aToken(1))).toBe(credential);
  expect(memory.get(`another.${aToken(1).slice(7)}`)).toBeUndefined();
  expect(memory.get(aToken(1).slice(-43))).toBeUndefined();
});
