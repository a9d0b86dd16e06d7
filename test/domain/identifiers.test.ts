import { describe, expect, test } from 'vitest';
import { HASH_ID_RULE, isHashId, isUuid } from '../../src/domain/identifiers.js';

describe('the id of a coach or a client', () => {
  const [, longest, characters] = /^1 to (\d+) characters of (.+)$/.exec(HASH_ID_RULE) as unknown as string[];

  /** Whether the rule that callers read names a character, by itself or in a range such as A-Z. */
  const isNamed = (character: string) =>
    (characters as string)
      .split(' ')
      .some((one) =>
        one.length === 3 ? character >= one.slice(0, 1) && character <= one.slice(2) : character === one,
      );

  test('has the characters that its rule names, and no others', () => {
    const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
    expect(all.filter(isHashId)).toEqual(all.filter(isNamed));
    expect(all.filter((character) => isHashId(`a${character}`))).toEqual(all.filter(isNamed));
    expect(all.filter((character) => isHashId(`${character}a`))).toEqual(all.filter(isNamed));
  });

  test('has at least one character and at most as many as its rule says', () => {
    const lengths = [0, 1, Number(longest), Number(longest) + 1];
    expect(lengths.map((length) => isHashId('a'.repeat(length)))).toEqual([false, true, true, false]);
    expect(longest).toBe('128');
  });
});

describe('a UUID', () => {
  const uuid = '01910e5c-7a1b-7c3d-8e4f-0123456789ab';

  test.each([uuid, uuid.toUpperCase()])('is %s', (text) => {
    expect(isUuid(text)).toBe(true);
  });

  test.each([
    '',
    '1',
    `${uuid}0`,
    `0${uuid}`,
    uuid.slice(1),
    uuid.slice(0, -1),
    uuid.replaceAll('-', ''),
    uuid.replace('7a1b-', ''),
    uuid.replace('7a1b', '7a1'),
    uuid.replace('e', 'g'),
    `{${uuid}}`,
  ])('is not %s', (text) => {
    expect(isUuid(text)).toBe(false);
  });
});
