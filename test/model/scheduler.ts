import type { Random } from './random.js';

/** Something that can happen next. */
export interface Step {
  /** How likely it is among the others. */
  weight: number;
  /** It happens at this time or later, in milliseconds; undefined: whenever. */
  readonly at?: number;
  readonly happen: () => void | Promise<void>;
}

/** Decides what happens next, one thing at a time. All time is its own. */
export interface Scheduler {
  /** Milliseconds since it began. */
  now(): number;
  add(step: Step): void;
  /** Lets time pass. */
  skip(ms: number): void;
  /** Sees to it that a step never happens, if it has not happened. */
  drop(step: Step): void;
  /** Lets things happen until there is nothing left. Throws what a step throws, or when there is no end to it. */
  untilRest(): Promise<void>;
}

// A run of the longest scenario takes about a thousand.
const MOST_STEPS = 20_000;

/** @param slowness how long a step takes at most, in milliseconds */
export function createScheduler(random: Random, slowness: number): Scheduler {
  const steps: Step[] = [];
  let time = 0;

  function next(): Step {
    const timer = steps.reduce<Step | undefined>(earlier, undefined);
    const candidates = steps.filter((step) => step.at === undefined || step === timer);
    let at = random.below(candidates.reduce((sum, { weight }) => sum + weight, 0));
    return candidates.find(({ weight }) => {
      at -= weight;
      return at < 0;
    })!;
  }

  function drop(step: Step): void {
    const index = steps.indexOf(step);
    if (index !== -1) steps.splice(index, 1);
  }

  return {
    now: () => time,
    add: (step) => steps.push(step),
    skip: (ms) => {
      time += ms;
    },
    drop,
    async untilRest() {
      for (let count = 0; count < MOST_STEPS; count += 1) {
        await othersToFinish();
        if (steps.length === 0) return;
        const step = next();
        drop(step);
        time = Math.max(time + random.below(slowness + 1), step.at ?? 0);
        await step.happen();
      }
      throw new Error(`there is no rest after ${MOST_STEPS} steps`);
    },
  };
}

function earlier(first: Step | undefined, step: Step): Step | undefined {
  return step.at !== undefined && (first?.at === undefined || step.at < first.at) ? step : first;
}

/** Whatever the last step set off has come to where it waits for another step. */
function othersToFinish(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
