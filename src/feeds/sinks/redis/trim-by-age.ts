import type { RedisConnection } from './connection.js';
import { entriesIn } from './entry.js';

/** How many entries to look at, and to remove, at a time. */
const PAGE = 500;

/**
 * Removes the entries whose change was decided before a moment, from the beginning of the stream on. The last entry
 * stays: it says where the stream ends.
 * @param before epoch milliseconds
 */
export async function trimByAge(stream: string, before: number, connection: RedisConnection): Promise<void> {
  for (;;) {
    const entries = entriesIn(await connection.send('XRANGE', stream, '-', '+', 'COUNT', String(PAGE + 1)));
    const young = entries.findIndex(({ fields }) => !(Date.parse(fields['time'] ?? '') < before));
    const first = young === -1 ? entries.length - 1 : young;
    if (first <= 0) return;
    await connection.send('XTRIM', stream, 'MINID', entries[first]!.id);
    if (first < PAGE) return;
  }
}
