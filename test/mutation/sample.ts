/**
 * A checker for Stryker that lets a sample of the mutants pass. MUTATION_SAMPLE says how many, MUTATION_SEED which: the
 * same seed gives the same sample of the same code.
 */
import { createHash } from 'node:crypto';
import { type Checker, CheckStatus } from '@stryker-mutator/api/check';
import type { Mutant } from '@stryker-mutator/api/core';
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const { MUTATION_SAMPLE, MUTATION_SEED } = process.env;
const sampled = new Set<string>();

const checker: Checker = {
  async init() {},

  /** Stryker calls this once, with all mutants. */
  async group(mutants) {
    const byRank = mutants.toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1));
    for (const { id } of byRank.slice(0, Number(MUTATION_SAMPLE))) sampled.add(id);
    return [mutants.map(({ id }) => id)];
  },

  async check(mutants) {
    const passed = { status: CheckStatus.Passed } as const;
    // Stryker knows no other way to leave a mutant out of the score.
    const leftOut = { status: CheckStatus.CompileError, reason: 'not in the sample' } as const;
    return Object.fromEntries(mutants.map(({ id }) => [id, sampled.has(id) ? passed : leftOut]));
  },
};

function rank({ fileName, location, mutatorName, replacement }: Mutant): string {
  const where = fileName.slice(fileName.lastIndexOf('/src/'));
  const key = JSON.stringify([MUTATION_SEED, where, location.start, location.end, mutatorName, replacement]);
  return createHash('sha256').update(key).digest('hex');
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Checker, 'sample', checker)];
