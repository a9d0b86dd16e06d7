import { expect, test } from 'vitest';
import { newToken } from '../src/authentication/tokens/token.js';
import { withoutSecrets } from '../src/without-secrets.js';

test.each([
  ['start takes no arguments, but got postgres://ann:secret@db:5432/x.', 'got postgres://ann:…@db:5432/x.'],
  ['got esdb://ann:secret@node1:2113,node2:2113?tls=false', 'got esdb://ann:…@node1:2113,node2:2113?tls=false'],
  ['got postgres://ann:sec/re@t?@db/x and mysql://ann:secret@db', 'got postgres://ann:…@db/x and mysql://ann:…@db'],
  ['AUTH_JWKS=https:/ann:secret@host cannot be read', 'AUTH_JWKS=https:…@host cannot be read'],
  ['AUTH_JWKS=ann:secret@host cannot be read', 'AUTH_JWKS=ann:…@host cannot be read'],
  [`AUTH_TOKENS_FILE=${newToken()} cannot be read`, 'AUTH_TOKENS_FILE=scheduler_… cannot be read'],
])('%s', (text, shown) => {
  expect(withoutSecrets(text)).toContain(shown);
  expect(withoutSecrets(text)).not.toMatch(/secret|re@t/);
});

test.each([
  'PORT=127.0.0.1:3000 must be a whole number',
  'postgres://ann@db:5432/x does not answer: connect ECONNREFUSED 127.0.0.1:5432',
  'scheduler_files is no table',
])('what is no secret stays: %s', (text) => {
  expect(withoutSecrets(text)).toBe(text);
});
