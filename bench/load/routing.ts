/** Consistent hashing, as nginx (`hash … consistent`) and Envoy (ring hash) route a coach's requests to one process. */

/** Where keys belong. */
export interface Ring {
  /** The number of the process, from 0, that serves a key: always the same one. */
  ownerOf(key: string): number;
}

/** As many as nginx has. */
const POINTS_FOR_A_PROCESS = 160;

/** A ring of processes. One that leaves gives its keys to all others, and no other key moves. */
export function createRing(processes: number): Ring {
  const points = Array.from({ length: processes * POINTS_FOR_A_PROCESS }, (_, nr) => ({
    at: hashOf(`process ${nr % processes} point ${Math.floor(nr / processes)}`),
    owner: nr % processes,
  })).sort((a, b) => a.at - b.at);

  return {
    ownerOf(key) {
      const hash = hashOf(key);
      let [from, to] = [0, points.length];
      while (from < to) {
        const middle = (from + to) >> 1;
        if (points[middle]!.at < hash) from = middle + 1;
        else to = middle;
      }
      return points[from % points.length]!.owner;
    },
  };
}

/** FNV-1a, then the last steps of MurmurHash3, since FNV alone leaves similar keys close to each other. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let nr = 0; nr < text.length; nr += 1) hash = Math.imul(hash ^ text.charCodeAt(nr), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
