import { describe, expect, test } from 'vitest';
import { ANYBODY, type Scope } from '../../src/handlers/access/scope.js';
import { checkOwn, isOwn, ownerOf } from '../../src/handlers/calendar/whose.js';

const COACH: Scope = { anybody: false, coachHashId: 'ann', clientHashId: undefined };
const CLIENT: Scope = { anybody: false, coachHashId: undefined, clientHashId: 'ann' };

describe('whose calendar a request is about', () => {
  test('a coach or a client', () => {
    expect(ownerOf({ coachHashId: 'ann', clientHashId: '' })).toEqual({ coachHashId: 'ann' });
    expect(ownerOf({ coachHashId: '', clientHashId: 'bob' })).toEqual({ clientHashId: 'bob' });
  });

  test('never nobody', () => {
    expect(() => ownerOf({ coachHashId: '', clientHashId: '' })).toThrow(
      'coach_hash_id: must be given, or client_hash_id',
    );
  });

  test('never both', () => {
    expect(() => ownerOf({ coachHashId: 'ann', clientHashId: 'bob' })).toThrow(
      'client_hash_id: must be empty when coach_hash_id is given',
    );
  });

  test('ids are checked as everywhere, with all other fields', () => {
    const key = { field: 'key', description: 'is no key' };
    expect(() => ownerOf({ coachHashId: 'a b', clientHashId: '' }, key)).toThrow(/coach_hash_id: .*; key: is no key/);
  });
});

describe('who may touch a calendar', () => {
  test('whoever may touch everything', () => {
    expect(isOwn(ANYBODY, { clientHashId: 'bob' })).toBe(true);
  });

  test('whose it is', () => {
    expect(isOwn(COACH, { coachHashId: 'ann' })).toBe(true);
    expect(isOwn(CLIENT, { clientHashId: 'ann' })).toBe(true);
  });

  test.each([
    ['a coach, that of another coach', COACH, { coachHashId: 'bob' }],
    ['a client, that of another client', CLIENT, { clientHashId: 'bob' }],
    ['a coach, that of the client with the same id', COACH, { clientHashId: 'ann' }],
    ['a client, that of the coach with the same id', CLIENT, { coachHashId: 'ann' }],
  ])('not %s', (_, scope, owner) => {
    expect(isOwn(scope, owner)).toBe(false);
    expect(() => checkOwn(scope, owner)).toThrow('the request names somebody else than the caller');
  });
});
