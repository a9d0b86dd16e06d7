import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mailto, optionalMailAddress } from '../../src/handlers/calendar/mail-address.js';

const isTaken = (address: string) => optionalMailAddress('attendee', address) === undefined;

describe('a mail address', () => {
  test.each(['ann@example.com', "o'neil+1@mail.example.co.uk", 'a.b-c_d@localhost', `a@${'x'.repeat(63)}.ch`, ''])(
    'is taken: %s',
    (address) => expect(isTaken(address)).toBe(true),
  );

  test.each([
    'ann',
    '@example.com',
    'ann@',
    'ann@example..com',
    'ann@-example.com',
    'a b@example.com',
    '"a b"@example.com',
    'Ann <ann@example.com>',
    'mailto:ann@example.com',
    'ann@example.com\r\nX-EVIL:1',
    'ann@example.com\n',
    'ann@example.com;CN=Eve',
    'a@b@example.com',
    'jürg@example.com',
    `a@${'x'.repeat(64)}.ch`,
    `${'a'.repeat(243)}@example.com`,
  ])('is refused: %j', (address) => expect(isTaken(address)).toBe(false));

  test('of 254 characters is taken', () => expect(isTaken(`${'a'.repeat(242)}@example.com`)).toBe(true));
});

describe('a mailto: URI', () => {
  test.each([
    ['ann+1@example.com', 'mailto:ann+1@example.com'],
    ['r&d#1/x=y@example.com', 'mailto:r%26d%231%2Fx%3Dy@example.com'],
    ['100%@example.com', 'mailto:100%25@example.com'],
  ])('of %s', (address, uri) => expect(mailto(address)).toBe(uri));

  test('leads back to any address that is taken, and is one word without quotes', () => {
    const local = fc.string({ unit: fc.constantFrom(..."aZ09.!#$%&'*+/=?^_`{|}~-"), minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(local, (name) => {
        const address = `${name}@example.com`;
        expect(isTaken(address)).toBe(true);
        expect(decodeURIComponent(mailto(address))).toBe(`mailto:${address}`);
        expect(mailto(address)).toMatch(/^mailto:[^\s";,:]+$/);
      }),
    );
  });

  test('of no text that is taken has more than one line', () => {
    const text = fc.string({ unit: 'binary' }).map((one) => `a@b.ch${one}`);
    fc.assert(fc.property(text, (one) => !isTaken(one) || /^[!-~]+$/.test(mailto(one))));
  });
});
