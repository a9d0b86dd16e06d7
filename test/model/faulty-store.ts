import {
  type AppendResult,
  type EventStore,
  type NewEvent,
  type RecordedEvent,
  StoreUnavailable,
} from '../../src/event-store/event-store.js';
import type { Random } from './random.js';
import type { Scheduler, Step } from './scheduler.js';

/** What can go wrong with a call of the store. */
const FAULTS = [
  'it takes long to arrive',
  'refused',
  'answer lost',
  'answer lost, and it arrives later',
  'no answer, and it never arrives',
  'no answer, though it arrived',
  'the process dies before it arrives',
  'the process dies before the answer',
] as const;

type Fault = (typeof FAULTS)[number] | 'none';

/** Where the faults of a process's store come from. */
export interface FaultsParts {
  readonly random: Random;
  readonly scheduler: Scheduler;
  /** How many calls go wrong, from 0 to 1. */
  readonly rate: number;
  /** Whether every append takes long to arrive. */
  readonly isSluggish: boolean;
  /** Ends the process that calls. */
  readonly crash: () => void;
  /** Told that a call will never be answered. */
  readonly onHang: () => void;
  /** Told of what was written, in the order of the log. */
  readonly onAppended: (stream: string, events: readonly NewEvent[]) => void;
}

/** The store as one process sees it. */
export interface FaultyStore {
  readonly store: EventStore;
  /** The process is dead: it gets no more answers. Of its calls under way some arrive, some time, and others never. */
  cutOff(): void;
}

const USUAL = 16;
const LATE = 1;

/** A store whose calls each wait their turn to arrive and to be answered, and may fail in between. */
export function createFaultyStore(store: EventStore, parts: FaultsParts): FaultyStore {
  const { random, scheduler, rate, isSluggish, crash, onHang, onAppended } = parts;
  const arrivals = new Set<Step>();
  let alive = true;

  function later(happen: Step['happen'], weight = USUAL): void {
    scheduler.add({ weight, happen: () => (alive ? happen() : undefined) });
  }

  /** Arrives also when the process is dead, unless it was dropped then. */
  function arrival(happen: () => Promise<void>, weight = USUAL): void {
    const step: Step = {
      weight,
      happen: () => {
        arrivals.delete(step);
        return happen();
      },
    };
    arrivals.add(step);
    scheduler.add(step);
  }

  function call<Answer>(run: () => Promise<Answer>, fault: Fault): Promise<Answer> {
    // After its death a process does nothing any more.
    if (!alive) return new Promise(() => {});
    return new Promise<Answer>((resolve, reject) => {
      const fail = () => later(() => reject(new StoreUnavailable(`injected: ${fault}`)));
      switch (fault) {
        case 'none':
        case 'it takes long to arrive':
          return arrival(
            async () => {
              const answer = await run();
              later(() => resolve(answer));
            },
            fault === 'none' ? USUAL : LATE,
          );
        case 'refused':
          return fail();
        case 'answer lost':
          return arrival(() => run().then(fail));
        case 'answer lost, and it arrives later':
          arrival(async () => void (await run()), LATE);
          return fail();
        case 'no answer, and it never arrives':
          return onHang();
        case 'no answer, though it arrived':
          onHang();
          return arrival(async () => void (await run()));
        case 'the process dies before it arrives':
          return later(crash);
        case 'the process dies before the answer':
          return arrival(() => run().then(crash));
        default:
          return fault satisfies never;
      }
    });
  }

  function nextFault(): Fault | undefined {
    return random.chance(rate) ? FAULTS[random.below(FAULTS.length)] : undefined;
  }

  return {
    store: {
      ...store,
      append: (stream, expected, events) =>
        call(
          async (): Promise<AppendResult> => {
            const result = await store.append(stream, expected, events);
            if (result.outcome === 'appended') onAppended(stream, events);
            return result;
          },
          nextFault() ?? (isSluggish ? 'it takes long to arrive' : 'none'),
        ),

      async *read(stream, from) {
        const pages = await call(() => pagesOf(store.read(stream, from)), nextFault() ?? 'none');
        for (const [index, page] of pages.entries()) {
          if (index > 0 && random.chance(rate)) throw new StoreUnavailable('injected: lost while reading');
          yield page;
        }
      },
    },
    cutOff() {
      alive = false;
      for (const step of arrivals) {
        if (random.chance(0.5)) scheduler.drop(step);
        else step.weight = LATE;
      }
    },
  };
}

type Page = readonly RecordedEvent[];

async function pagesOf(reading: AsyncIterable<Page>): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of reading) pages.push(page);
  return pages;
}
