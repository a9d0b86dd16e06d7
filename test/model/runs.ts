import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { EventStore } from '../../src/event-store/event-store.js';
import { run } from './run.js';
import { scenarios } from './scenario.js';

/** How many runs, and where. */
export interface RunsParts {
  /** For people: which store it is. */
  readonly title: string;
  /** Opens the stores of a run, over one log: its processes share them. Other runs may use the log as well. */
  readonly open: () => readonly EventStore[];
  readonly runs: number;
  /** How many runs go on at the same time. */
  readonly atOnce: number;
}

const MOST_ACTS = 14;

/** Milliseconds after which no more runs begin, unless their number is given: for slow machines. */
const TIME_LIMIT = 5_000;

const RUNS_PER_REPORT = 2_000;

// Begins the ids of this process, so that several can use one store.
const HERE = randomBytes(2).toString('hex');
let named = 0;

/**
 * Lets any scenarios happen, and prints their seeds. Rejects with the seed, the path and the story of the first that
 * breaks a promise. The variables MODEL_SEED and MODEL_PATH replay it, and look for a smaller one that breaks it, too;
 * MODEL_RUNS says how many runs there are.
 */
export async function checkRuns({ title, open, atOnce, ...parts }: RunsParts): Promise<void> {
  const { MODEL_SEED, MODEL_PATH, MODEL_RUNS } = process.env;
  const runs = MODEL_RUNS ? Number(MODEL_RUNS) : parts.runs;
  const seed = MODEL_SEED ? Number(MODEL_SEED) : randomBytes(4).readInt32LE();
  const total = { runs: 0, appends: 0, crashes: 0 };
  const told = new Map<string, number>();

  const deadline = MODEL_RUNS || MODEL_PATH ? Number.POSITIVE_INFINITY : performance.now() + TIME_LIMIT;

  const property = fc.asyncProperty(scenarios(MOST_ACTS), async (scenario) => {
    if (performance.now() > deadline) return;
    named += 1;
    const result = await run(scenario, open(), `${named.toString(16).padStart(8, '0')}-${HERE}`);
    total.runs += 1;
    total.appends += result.appends;
    total.crashes += result.crashes;
    for (const word of result.told) told.set(word, (told.get(word) ?? 0) + 1);
  });

  if (MODEL_PATH) return fc.assert(property, { seed, path: MODEL_PATH });

  for (let done = 0; done < runs; done += RUNS_PER_REPORT) {
    const some = Math.min(RUNS_PER_REPORT, runs - done);
    const first = seed + done;
    console.log(`${title}: ${some} runs, seeds ${first} to ${first + atOnce - 1}`);
    const numRuns = Math.ceil(some / atOnce);
    const seeds = Array.from({ length: atOnce }, (_, nr) => first + nr);
    await Promise.all(seeds.map((one) => fc.assert(property, { seed: one, numRuns, endOnFailure: true })));
    const words = [...told].sort(([, one], [, other]) => other - one).map(([word, count]) => `${count} ${word}`);
    const counts = `${total.appends} appends, ${total.crashes} crashes; commands: ${words.join(', ')}`;
    console.log(`${title}: ${total.runs} of ${runs} runs: ${counts}`);
  }
}
