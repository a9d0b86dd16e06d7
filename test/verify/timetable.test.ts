import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTimetable, type Span } from '../../src/verify/timetable.js';

const spans = fc
  .array(fc.record({ start: fc.nat(50), length: fc.integer({ min: 1, max: 20 }), isRemoved: fc.boolean() }))
  .map((all) =>
    all.map(({ start, length, isRemoved }, id) => ({ id: `${id}`, start, end: start + length, isRemoved })),
  );

test('finds every span that has time in common with another, and no other', () => {
  fc.assert(
    fc.property(spans, (all) => {
      const timetable = createTimetable<Span>();
      for (const span of all) timetable.add(span);
      for (const span of all) if (span.isRemoved) timetable.remove(span);
      const left = all.filter(({ isRemoved }) => !isRemoved);
      for (const span of all) {
        const expected = left.filter((one) => one !== span && one.start < span.end && span.start < one.end);
        expect(new Set(timetable.overlapping(span))).toEqual(new Set(expected));
      }
    }),
  );
});
