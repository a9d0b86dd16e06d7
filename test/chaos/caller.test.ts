import { expect, test } from 'vitest';
import { createRandom } from '../model/random.js';
import type { Answer, Door } from '../support/doors.js';
import { createCaller } from './caller.js';
import { createLedger, type Method } from './ledger.js';

const OVERLAP = 'must not let occurrences overlap: occurrence 1 overlaps occurrence 2';

/** What a caller finds wrong with an answer. */
async function wrongIn(method: Method, answer: Answer): Promise<string[]> {
  const wrong: string[] = [];
  const door: Door = { name: 'REST', takesJson: true, call: async () => answer, close() {} };
  const onWrong = (what: string) => wrong.push(what);
  const caller = createCaller({
    doors: [door],
    ledger: createLedger('1'),
    random: createRandom(1),
    count() {},
    onWrong,
  });
  await caller.command(method, 'carol', {});
  return wrong;
}

function invalid(field: string, description: string): Answer {
  return { code: 'InvalidArgument', violations: [[field, description]], retry: false };
}

test('no request of an actor is invalid', async () => {
  expect(await wrongIn('rescheduleSeries', invalid('local_start', 'must be a wall time'))).toHaveLength(1);
  expect(await wrongIn('scheduleSeries', invalid('series.duration', OVERLAP))).toHaveLength(1);
});

test('but a move that would put a series in its own way', async () => {
  expect(await wrongIn('rescheduleSeries', invalid('local_start', OVERLAP))).toEqual([]);
});
