import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault } from './campaign.js';

/** Kinds of faults to describe in full; further ones are named. */
const MOST_DESCRIBED = 20;

/** Characters of an attack to show; all of its bytes are in a file. */
const MOST_SHOWN = 400;

/**
 * A sentence for each kind of fault, with the first attack that showed it, and a file with the attack's bytes.
 * @param count the option of the program that says how many attacks to make
 */
export async function describeFaults(faults: readonly Fault[], count = '--requests'): Promise<string[]> {
  if (faults.length === 0) return [];
  const kinds = new Map<string, Fault[]>();
  for (const one of faults) {
    const { layer, door, what } = one.attack;
    const kind = `${layer}, ${door}, ${what}: ${one.fault}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), one]);
  }
  const directory = await mkdtemp(join(tmpdir(), 'hostile-faults-'));
  const described = [...kinds].slice(0, MOST_DESCRIBED).map(async ([kind, same]) => {
    const { nr, writes } = same[0]!.attack;
    const bytes = Buffer.concat(writes);
    const file = join(directory, `${nr}.bytes`);
    await writeFile(file, bytes);
    const shown = JSON.stringify(bytes.toString('latin1', 0, MOST_SHOWN));
    return `${kind}; ${same.length} times, first in attack ${nr} (--first ${nr} ${count} 1), bytes in ${file}: ${shown}`;
  });
  return [...(await Promise.all(described)), ...[...kinds.keys()].slice(MOST_DESCRIBED)];
}
