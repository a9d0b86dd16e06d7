import { within } from '../waiting.js';
import { coalesce } from './coalesce.js';
import { type AppendResult, type EventStore, StoreUnavailable } from './event-store.js';

/** An event store, and whether it takes events. */
export interface WatchedStore {
  readonly store: EventStore;
  /**
   * Why no event can be appended now; undefined when one can. As long as appends succeed, nothing is asked; after one
   * that failed, the store is asked each time, until it takes events again. Never rejects; answers within a second.
   */
  appendProblem(): Promise<string | undefined>;
  /** The same by what is known already, without asking. */
  lastProblem(): string | undefined;
}

/** Milliseconds that the store has to say whether it takes events. */
const PATIENCE = 1_000;

/** Watches what becomes of appends. */
export function watchAppends(store: EventStore): WatchedStore {
  let problem: string | undefined;
  const ask = coalesce(() => store.tryAppend());

  /** A conflict says nothing: nothing was written. */
  function succeeded({ outcome }: AppendResult): void {
    if (outcome === 'appended') problem = undefined;
  }

  /** Also for an error that nobody foresaw: if it was that append's alone, the attempt after it succeeds. */
  function failed(error: unknown): void {
    if (!(error instanceof RangeError)) problem = problemOf(error);
  }

  function note(appending: Promise<AppendResult>): Promise<AppendResult> {
    appending.then(succeeded, failed);
    return appending;
  }

  return {
    store: { ...store, append: (...append) => note(store.append(...append)) },
    async appendProblem() {
      if (problem === undefined) return undefined;
      const error = () => new StoreUnavailable('no answer');
      try {
        await within(ask(), { limit: { ms: PATIENCE, error } });
        problem = undefined;
      } catch (error) {
        problem = problemOf(error);
      }
      return problem;
    },
    lastProblem: () => problem,
  };
}

/** Only what is meant for everybody's eyes. */
function problemOf(error: unknown): string {
  const why = error instanceof StoreUnavailable ? error.message : 'the log says why';
  return `events cannot be appended: ${why}`;
}
