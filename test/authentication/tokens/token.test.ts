import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { isToken, newToken } from '../../../src/authentication/tokens/token.js';
import { digestOf } from '../../../src/secret-form.js';

test('a token is a prefix, 256 random bits and a checksum', () => {
  expect(newToken()).toMatch(/^scheduler_[A-Za-z0-9_-]{49}$/);
  expect(newToken()).not.toBe(newToken());
  expect(isToken(newToken())).toBe(true);
});

test('the checksum is the CRC-32 of the random part, so that scanners can compute it', () => {
  expect(isToken(`scheduler_${'A'.repeat(43)}DCtZhg`)).toBe(true);
});

test('a token with any character changed, and one that is cut off, has not the form', () => {
  const token = newToken();
  for (let index = 0; index < token.length; index += 1) {
    const other = token[index] === 'A' ? 'B' : 'A';
    expect(isToken(token.slice(0, index) + other + token.slice(index + 1))).toBe(false);
  }
  expect(isToken(token.slice(0, -1))).toBe(false);
  expect(isToken(`${token}A`)).toBe(false);
  expect(isToken(`${token}\n`)).toBe(false);
});

test('the digest is that of sha256sum', () => {
  const hex = createHash('sha256').update('scheduler_x').digest('hex');
  expect(digestOf('scheduler_x')).toBe(`sha256:${hex}`);
});
