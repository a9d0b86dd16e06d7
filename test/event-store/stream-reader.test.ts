import type pg from 'pg';
import { describe, expect, test, vi } from 'vitest';
import { createStreamReader } from '../../src/event-store/postgres/read-events.js';

/** A pool whose statements for further pages of streams get no answer, and whose statements for first pages do. */
function poolThatStalls() {
  const further: string[] = [];
  const query = ({ name, values }: { name: string; values: unknown[] }) => {
    if (name === 'read-stream') {
      further.push(values[0] as string);
      return new Promise(() => {});
    }
    const streams = values[0] as string[];
    return Promise.resolve({ rows: streams.map((_, index) => ({ nr: index + 1, last: 5_000n, packed: null })) });
  };
  return { pool: { query } as unknown as pg.Pool, further };
}

describe('a reader of streams', () => {
  test('leaves connections for others when many long streams are read at once', async () => {
    const { pool, further } = poolThatStalls();
    const read = createStreamReader(pool);
    for (let nr = 0; nr < 50; nr += 1) void read(`coach-${nr}`, 0n).next();

    await vi.waitFor(() => expect(further.length).toBeGreaterThan(0));
    await new Promise(setImmediate);
    expect(further).toHaveLength(4);
  });
});
