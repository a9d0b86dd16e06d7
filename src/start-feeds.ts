import type { Logger } from 'pino';
import type { ChangeFeed } from './application/change-feed.js';
import type { Config } from './config.js';
import type { EventStore } from './event-store/event-store.js';
import { runSink } from './feeds/sinks/run-sink.js';
import type { Sink } from './feeds/sinks/sink.js';
import type { Shutdown } from './shutdown.js';

/** What feeds need of the service. */
export interface FeedsParts {
  readonly changes: ChangeFeed;
  readonly store: EventStore;
  /** The database of the read model, which has the schema `feeds`, too. */
  readonly url: string;
  readonly log: Logger;
}

/** Starts to deliver changes to whom the settings name, until the shutdown. */
export function startFeeds({ changes, store, url, log }: FeedsParts, config: Config, shutdown: Shutdown): void {
  const ended = new AbortController();
  const parts = { feed: changes, store, url, log, signal: ended.signal };
  const running = sinksOf(config).map((sink) => runSink(sink, parts));
  shutdown.add(() => {
    ended.abort();
    return Promise.all(running);
  });
}

function sinksOf(_config: Config): readonly Sink[] {
  return [];
}
