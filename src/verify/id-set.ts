import { createHash } from 'node:crypto';

/** A set of ids in 32 to 64 bytes for each: as strings, the ids of a long log would fill the memory. */
export interface IdSet {
  readonly size: number;
  /** Adds an id. Answers false when it was there. */
  add(id: string): boolean;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const FIRST_PLACES = 1024;

/** An empty set. Ids that are no UUIDs are taken by their digests. */
export function createIdSet(): IdSet {
  let places = new BigUint64Array(2 * FIRST_PLACES);
  let size = 0;

  /** Where the key is, or the free place where it belongs. */
  function placeOf(table: BigUint64Array, high: bigint, low: bigint): number {
    const count = table.length / 2;
    let place = Number((high ^ (low >> 3n)) & BigInt(count - 1));
    while ((table[2 * place] !== high || table[2 * place + 1] !== low) && isTaken(table, place)) {
      place = (place + 1) & (count - 1);
    }
    return place;
  }

  function grow(): void {
    const larger = new BigUint64Array(2 * places.length);
    for (let place = 0; place < places.length / 2; place += 1) {
      if (isTaken(places, place)) put(larger, places[2 * place]!, places[2 * place + 1]!);
    }
    places = larger;
  }

  function put(table: BigUint64Array, high: bigint, low: bigint): boolean {
    const place = placeOf(table, high, low);
    if (isTaken(table, place)) return false;
    table[2 * place] = high;
    table[2 * place + 1] = low;
    return true;
  }

  return {
    get size() {
      return size;
    },
    add(id) {
      const key = keyOf(id);
      if (!put(places, key.readBigUInt64LE(0), key.readBigUInt64LE(8))) return false;
      size += 1;
      if (size > places.length / 4) grow();
      return true;
    },
  };
}

/** A key of zeros would be a free place: the nil UUID is taken by its digest. */
function keyOf(id: string): Buffer {
  const key = UUID.test(id) ? Buffer.from(id.replaceAll('-', ''), 'hex') : undefined;
  return key?.some((byte) => byte !== 0) ? key : createHash('md5').update(id).digest();
}

function isTaken(table: BigUint64Array, place: number): boolean {
  return table[2 * place] !== 0n || table[2 * place + 1] !== 0n;
}
