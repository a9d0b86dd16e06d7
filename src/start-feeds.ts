import type { Logger } from 'pino';
import type { ChangeFeed } from './application/change-feed.js';
import type { Config } from './config.js';
import type { EventStore } from './event-store/event-store.js';
import { cloudEvents } from './feeds/cloud-event.js';
import type { RedisSinkSettings } from './feeds/sinks/redis/redis-sink.js';
import { runSink } from './feeds/sinks/run-sink.js';
import type { Sink } from './feeds/sinks/sink.js';
import { changeJson } from './handlers/answer/change-message.js';
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

/** The sinks that the settings name. What a sink needs is loaded when it is opened, so that others do not pay for it. */
function sinksOf(config: Config): readonly Sink[] {
  const cloudEvent = cloudEvents(config.FEED_SOURCE, changeJson);
  const redis = redisSettings(config);
  return redis
    ? [
        {
          name: 'redis',
          open: async (parts) =>
            (await import('./feeds/sinks/redis/redis-sink.js')).openStream(redis, cloudEvent, parts),
        },
      ]
    : [];
}

function redisSettings(config: Config): RedisSinkSettings | undefined {
  const { SINK_REDIS_URL: url, SINK_REDIS_STREAM: stream } = config;
  const { SINK_REDIS_MAX_LENGTH: maxLength, SINK_REDIS_MAX_AGE: maxAge } = config;
  return url === undefined ? undefined : { url, stream, maxLength, maxAge };
}
