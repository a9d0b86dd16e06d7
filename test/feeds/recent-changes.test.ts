import { expect, test } from 'vitest';
import type { Change } from '../../src/application/change-feed.js';
import { createRecentChanges } from '../../src/feeds/recent-changes.js';

/** A change as far as what keeps it looks at it. */
const changeAt = (position: bigint) =>
  ({ position, event: { type: 'SessionCompleted', coachHashId: 'ann' } }) as Change;

test('as many changes are kept as the limit says, a quarter more at most, and none is missing', () => {
  const recent = createRecentChanges(0n, 20);
  for (let position = 1n; position <= 100n; position += 1n) {
    recent.add([changeAt(position)], position);
    const kept = recent.after(recent.oldest).map((change) => change.position);
    expect(kept.length).toBeLessThanOrEqual(25);
    expect(kept.length).toBeGreaterThanOrEqual(Math.min(20, Number(position)));
    expect(kept).toEqual(kept.map((_, index) => recent.oldest + BigInt(index) + 1n));
    expect(kept.at(-1)).toBe(position);
  }
});
