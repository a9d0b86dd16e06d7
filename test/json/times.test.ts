import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIRST_TIME, LAST_TIME } from '../../src/domain/slot.js';
import { timeOf, timestampOf, timeText } from '../../src/json/times.js';

/** Times of all years, often at the edge of a second, a day, a month or a year. */
const time = fc.oneof(
  fc.integer({ min: FIRST_TIME, max: LAST_TIME }),
  fc
    .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 0, max: 11 }), fc.constantFrom(-1, 0, 1, 999, 1000))
    .map(([year, month, ms]) => new Date(0).setUTCFullYear(year, month, 1) + ms)
    .filter((ms) => ms >= FIRST_TIME),
  fc.constantFrom(FIRST_TIME, -1, 0, LAST_TIME),
);

test('a time is written as Date writes it, without a fraction of 0', () => {
  fc.assert(
    fc.property(time, (ms) => {
      expect(timeText(ms)).toBe(new Date(ms).toISOString().replace('.000Z', 'Z'));
    }),
    { numRuns: 1000 },
  );
});

test('what is written, and what Date writes, is read', () => {
  fc.assert(
    fc.property(time, (ms) => {
      expect(timeOf(timeText(ms))).toBe(ms);
      expect(timeOf(new Date(ms).toISOString())).toBe(ms);
    }),
    { numRuns: 1000 },
  );
});

test('a time becomes the message that protobuf-es makes of it', () => {
  fc.assert(
    fc.property(time, (ms) => {
      expect(timestampOf(ms)).toStrictEqual(timestampFromMs(ms));
    }),
  );
});

/** A text in the form of a time with any numbers, or such a text with another character somewhere. */
const almostTime = fc
  .tuple(
    fc.tuple(...[9999, 14, 33, 25, 61, 61].map((max) => fc.integer({ min: 0, max }))),
    fc.constantFrom('Z', '.000Z', '.5Z', '.123Z', '.1234Z', '', 'z', '+00:00', '.-12Z'),
    fc.option(fc.tuple(fc.nat({ max: 24 }), fc.constantFrom('-', '+', ' ', '/', ':', '٣', 'T', 't', '0', '9', ''))),
  )
  .map(([parts, end, change]) => {
    const [year, month, day, hour, minute, second] = parts.map((part) => String(part).padStart(2, '0'));
    const text = `${year?.padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}${end}`;
    return change ? text.slice(0, change[0]) + change[1] + text.slice(change[0] + 1) : text;
  });

test('any other text is read as Date reads it, or not at all', () => {
  fc.assert(
    fc.property(almostTime, (text) => {
      const ms = timeOf(text);
      if (Number.isNaN(ms)) return;
      expect(new Date(ms).toISOString()).toBe(text.length === 20 ? text.replace('Z', '.000Z') : text);
    }),
    { numRuns: 5000 },
  );
});

describe('not read:', () => {
  test.each([
    ['30 February', '2030-02-30T09:00:00Z'],
    ['29 February of a year that is no leap year', '1900-02-29T09:00:00Z'],
    ['hour 24', '2030-01-01T24:00:00Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['the year 0', '0000-12-31T23:59:59Z'],
    ['an offset', '2030-01-01T09:00:00+02:00'],
    ['microseconds', '2030-01-01T09:00:00.123456Z'],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(timeOf(text)).toBeNaN();
  });
});
