import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoted } from '../../src/json/text.js';

const codeUnit = fc
  .oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0xd7f0, max: 0xe010 }), fc.constantFrom(0x2028, 0xffff))
  .map((code) => String.fromCharCode(code));

test('a text is quoted as JSON.stringify quotes it, half emojis and control characters included', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: codeUnit }));
  fc.assert(
    fc.property(text, (value) => {
      expect(quoted(value)).toBe(JSON.stringify(value));
    }),
  );
});
