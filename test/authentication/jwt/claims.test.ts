import { describe, expect, test } from 'vitest';
import { NotAccepted } from '../../../src/authentication/credential.js';
import { principalOf } from '../../../src/authentication/jwt/claims.js';

const NAMES = { roles: 'roles', coach: 'coach_hash_id', client: 'client_hash_id' };

describe('roles', () => {
  test.each<[string, unknown, string[]]>([
    ['a list', ['coach', 'client'], ['coach', 'client']],
    ['a text with one', 'analyst', ['analyst']],
    ['a text with several', 'coach admin', ['coach', 'admin']],
    ['names that mean nothing here', ['offline_access', 'coach', 'Service'], ['coach']],
    ['a list with other things in it', [1, null, ['service'], 'client'], ['client']],
    ['a number', 5, []],
    ['an object', { service: true }, []],
    ['none', undefined, []],
  ])('%s', (_, roles, expected) => {
    expect([...principalOf({ sub: 'anna', roles }, NAMES).roles].sort()).toEqual(expected.sort());
  });
});

describe('the name of a claim', () => {
  const claims = {
    sub: 'anna',
    realm_access: { roles: ['coach'] },
    'realm_access.roles': ['service'],
    'https://example.com/roles': ['analyst'],
    'urn:example.com:roles': ['admin'],
    https: { '//example': { 'com/roles': ['service'] } },
  };

  test.each([
    ['realm_access.roles', ['coach']],
    ['https://example.com/roles', ['analyst']],
    ['urn:example.com:roles', ['admin']],
    ['realm_access.groups', []],
    ['sub.length', []],
    ['constructor.name', []],
    ['__proto__', []],
  ])('%s', (roles, expected) => {
    expect([...principalOf(claims, { ...NAMES, roles }).roles]).toEqual(expected);
  });

  test('never leads to what every object has', () => {
    const names = { ...NAMES, coach: '__proto__', client: 'sub.length' };
    expect(principalOf(claims, names)).toMatchObject({ coachHashId: undefined, clientHashId: undefined });
  });

  test('may be another for the ids of coach and client', () => {
    const names = { ...NAMES, coach: 'ids.coach', client: 'https://example.com/client' };
    const person = { sub: 'anna', ids: { coach: '123' }, 'https://example.com/client': 'auth0|1f' };
    expect(principalOf(person, names)).toMatchObject({ coachHashId: '123', clientHashId: 'auth0|1f' });
  });
});

describe('ids of coach and client', () => {
  test.each([undefined, null])('%s is none', (coach_hash_id) => {
    expect(principalOf({ sub: 'anna', coach_hash_id }, NAMES).coachHashId).toBeUndefined();
  });

  test.each([
    ['coach_hash_id', '', "the token's coach_hash_id is required"],
    [
      'coach_hash_id',
      'a b',
      "the token's coach_hash_id must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ | = + / -",
    ],
    ['client_hash_id', 'x'.repeat(129), /^the token's client_hash_id must be 1 to 128 characters/],
    ['client_hash_id', 123, "the token's client_hash_id must be a text"],
    ['client_hash_id', ['123'], "the token's client_hash_id must be a text"],
  ])('%s: %j is refused', (name, id, reason) => {
    const read = () => principalOf({ sub: 'anna', [name]: id }, NAMES);
    expect(read).toThrow(NotAccepted);
    expect(read).toThrow(reason);
  });
});

describe('the subject', () => {
  test.each(['a', 'auth0|1f', 'Anna Meier', 'x'.repeat(255)])('%s is taken', (sub) => {
    expect(principalOf({ sub }, NAMES).subject).toBe(sub);
  });

  test.each(['', ' ', 'a\n', 'a\u0000b', 'a\u007f', '\u202eanna', 'x'.repeat(256), 5, undefined])(
    '%j is refused',
    (sub) => {
      const read = () => principalOf({ sub } as { sub: string }, NAMES);
      expect(read).toThrow(NotAccepted);
      expect(read).toThrow("the token's sub must be 1 to 255 printable ASCII characters");
    },
  );
});
