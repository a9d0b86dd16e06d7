import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_INTERVALS } from '../../src/calendars/read/read-busy-times.js';
import { CalendarRefused } from '../../src/calendars/read/refusal.js';
import { FIRST_TIME, LAST_TIME } from '../../src/domain/slot.js';
import { editedDocument } from './edited-documents.js';
import { NOW, read } from './samples.js';

test('whatever is done to a document, it is read within the limits or refused in a sentence', () => {
  fc.assert(
    fc.property(editedDocument, (text) => {
      expect(outcomeOf(text)).toBe('as it should be');
    }),
    { numRuns: 1500 },
  );
});

function outcomeOf(text: string): string {
  try {
    const { intervals } = read(text);
    const isInOrder = intervals.every(({ start }, index) => start >= (intervals[index - 1]?.start ?? start));
    const isInTime = intervals.every(({ start, end }) => start >= FIRST_TIME && end > start && end <= LAST_TIME);
    const isToCome = intervals.every(({ end }) => end > NOW);
    return isInOrder && isInTime && isToCome && intervals.length <= MAX_INTERVALS ? 'as it should be' : 'read badly';
  } catch (error) {
    const isSentence = error instanceof CalendarRefused && /^(line \d+: )?\S.{10,500}$/.test(error.message);
    return isSentence ? 'as it should be' : String((error as Error).stack);
  }
}
